import Components
import Datasets
import Foundation
import TestSupport
import Testing

/// Files that are not what they are said to be: one line with the file, and the row or byte.
@Suite("Bad data files")
struct BadFileTests {
  /// One mistake: the files to write over or beside the good ones, and what is said.
  struct Sample: Sendable, CustomTestStringConvertible {
    var source: String
    var files: [String: [UInt8]]
    var message: String

    init(_ source: String, _ files: [String: [UInt8]], _ message: String) {
      (self.source, self.files, self.message) = (source, files, message)
    }

    var testDescription: String { message }
  }

  static func idx(_ type: UInt8, _ sizes: [UInt32], _ values: [UInt8]) -> [UInt8] {
    [0, 0, type, UInt8(sizes.count)]
      + sizes.flatMap { size in
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: size >> $0) }
      } + values
  }

  static let grey = "{\"idx\": {\"train-images\": \"x\", \"train-labels\": \"y\"}}"
  static let twoImages = idx(8, [2, 1, 2], [1, 2, 3, 4])
  static let twoLabels = idx(8, [2], [0, 1])

  static let idxSamples: [Sample] = [
    Sample(
      grey, ["x": [], "y": twoLabels], "data x: there is nothing in it; expected an IDX file"),
    Sample(
      grey, ["x": [0, 0, 8], "y": twoLabels],
      "data x: the header is cut off: 3 bytes are there; expected an IDX file"),
    Sample(
      grey, ["x": idx(8, [2, 1], []).dropLast(2), "y": twoLabels],
      "data x: the header is cut off: 10 bytes are there; expected 12"),
    Sample(
      grey, ["x": [0, 1] + twoImages.dropFirst(2), "y": twoLabels],
      "data x: the first bytes are 00 01 08 03; expected 00 00, a type of 08"),
    Sample(
      grey, ["x": idx(10, [2, 1, 2], [1, 2, 3, 4]), "y": twoLabels],
      "data x: the first bytes are 00 00 0a 03; expected 00 00, a type of 08"),
    Sample(
      grey, ["x": Array("PK\u{3}\u{4}more".utf8), "y": twoLabels],
      "data x: this is a ZIP archive, no IDX file; expected 00 00"),
    Sample(
      grey, ["x": twoImages.dropLast(), "y": twoLabels],
      "data x: holds 3 bytes of values from byte 16 on; expected 4 for uint8 [2, 1, 2]"),
    Sample(
      grey, ["x": twoImages + [9], "y": twoLabels],
      "data x: holds 5 bytes of values from byte 16 on; expected 4 for uint8 [2, 1, 2]"),
    Sample(
      grey, ["x": idx(14, [.max, .max, .max], []), "y": twoLabels],
      "data x: the header claims float64 [4294967295, 4294967295, 4294967295]; expected values of"),
    Sample(
      grey, ["x": idx(8, [3_000_000_000, 1, 1], [1]), "y": twoLabels],
      "data x: holds 1 bytes of values from byte 16 on; expected 3000000000 for uint8"),
    Sample(
      grey, ["x": twoLabels, "y": twoLabels],
      "data x: has the shape [2], as labels have; expected features, examples first"),
    Sample(
      grey, ["x": twoImages, "y": twoImages],
      "data y: has the shape [2, 1, 2], as features have; expected labels: [n] or [n, 1]"),
    Sample(
      grey, ["x": twoImages, "y": idx(8, [3], [0, 1, 0])],
      "data y: holds 3 labels, x holds 2 examples"),
    Sample(
      grey, ["x": idx(8, [0, 1, 2], []), "y": idx(8, [0], [])],
      "data x: holds no examples; expected at least 1"),
    Sample(
      grey, ["x": twoImages, "y": idx(9, [2], [0, 255])],
      "data y, row 2: the label -1 is out of range; expected 0 to 65535"),
    Sample(
      grey, ["x": twoImages, "y": idx(13, [2], [0, 0, 0, 0, 63, 128, 0, 0])],
      "data y: holds float32 values; expected integers"),
    Sample(
      grey.replacing("}}", with: ", \"classes\": 1}}"), ["x": twoImages, "y": twoLabels],
      "data x, row 2: the label 1 is out of range; there are 1 classes, 0 to 0"),
    Sample(
      grey, ["x": idx(13, [2, 1], [0, 0, 0, 0, 127, 192, 0, 0]), "y": twoLabels],
      "data x, row 2: feature 1 is nan, expected a finite number"),
    Sample(
      grey, ["x": idx(13, [2, 1], [0, 0, 0, 0, 255, 128, 0, 0]), "y": twoLabels],
      "data x, row 2: feature 1 is -inf, expected a finite number"),
    Sample(
      grey, ["x": idx(13, [2, 1], [0, 0, 0, 0, 191, 128, 0, 0]), "y": twoLabels],
      "data x, row 2: feature 1 is -1.0; normalise: unit expects pixels from 0 to 255"),
    Sample(
      grey, ["x": idx(8, [1, 1, 2], [1, 2]), "y": idx(8, [1], [0])],
      "data x: holds one example; training and testing need one each"),
    Sample(grey, ["y": twoLabels], "data x: there is no such file or folder"),
  ]

  static func gzipped(_ damage: (inout [UInt8]) -> Void) -> [UInt8] {
    var bytes = (try? DataFiles.bytes("train-images.idx.gz")) ?? []
    damage(&bytes)
    return bytes
  }

  static let gzipSamples: [Sample] = [
    Sample(
      grey, ["x": gzipped { $0.removeLast(9) }, "y": twoLabels],
      "data x: the packed content is cut off after 582 bytes"),
    Sample(
      grey, ["x": gzipped { $0[$0.count - 6] ^= 1 }, "y": twoLabels],
      "data x: the packed content is damaged near byte"),
    Sample(
      grey, ["x": gzipped { $0[$0.count - 1] ^= 1 }, "y": twoLabels],
      "data x: the packed content is damaged near byte"),
    Sample(
      grey, ["x": gzipped { $0[2] = 7 }, "y": twoLabels],
      "data x: the packed content is damaged near byte"),
    Sample(
      grey, ["x": gzipped { $0 += [1, 2, 3] }, "y": twoLabels],
      "data x: something follows the packed content at byte 591; expected the end of the file"),
    Sample(
      grey, ["x": [0x1F, 0x8B], "y": twoLabels],
      "data x: the packed content is cut off after 2 bytes"),
  ]

  static let cifar = "{\"cifar\": {\"train\": [\"x\"]}}"
  static let record = [UInt8](repeating: 7, count: 3073)

  static let cifarSamples: [Sample] = [
    Sample(
      cifar, ["x": []],
      "data x: holds 0 bytes; cifar-10 needs whole records of 3073, byte 0 starts one that is cut"),
    Sample(
      cifar, ["x": record + record.dropLast()],
      "data x: holds 6145 bytes; cifar-10 needs whole records of 3073, byte 3073 starts one"),
    Sample(
      cifar, ["x": record + [7]],
      "data x: holds 3074 bytes; cifar-10 needs whole records of 3073, byte 3073 starts one that is "
        + "cut off; cifar-100 would fit"),
    Sample(
      cifar, ["x": record + [10] + record.dropLast()],
      "data x, row 2: the label 10 at byte 3073 is out of range; expected 0 to 9"),
    Sample(
      cifar.replacing("]", with: "], \"kind\": \"cifar-100-coarse\""),
      ["x": [3, 100] + record.dropLast()],
      "data x, row 1: the label 100 at byte 1 is out of range; expected 0 to 99"),
  ]

  static func csv(_ more: String = "") -> String { "{\"csv\": {\"train\": \"x\"\(more)}}" }

  static func table(_ source: String, _ text: String, _ message: String) -> Sample {
    Sample(source, ["x": Array(text.utf8)], message)
  }

  static let csvSamples: [Sample] = [
    table(csv(), "", "data x: there is nothing in it; expected rows of numbers"),
    table(csv(), "a,b\n", "data x, row 1: column 1 holds 'a', expected a number; 'ignore'"),
    table(csv(", \"header\": \"present\""), "a,b\n", "data x: there are no rows below the header"),
    table(csv(), "1,2,0\n1,2\n", "data x, row 2: holds 2 fields, the first row has 3"),
    table(csv(), "1,2,0\n1,2,3,0\n", "data x, row 2: holds 4 fields, the first row has 3"),
    table(
      csv(), "1,2,0\n\n1,2,0\n", "data x, row 2: an empty line is no record; remove it (at char"),
    table(
      csv(), "1,0\n1,\"0\n", "data x, row 2: a quote opened here is never closed (at character 3)"),
    table(csv(), "l,b\n1,0\nx,1\n", "data x, row 3: column 1 ('l') holds 'x', expected a number"),
    table(csv(), "1,0\n,1\n", "data x, row 2: column 1 holds nothing, expected a number"),
    table(csv(), "1,0\n1,\n", "data x, row 2: column 2 holds nothing"),
    table(csv(), "1,0\n0x10,1\n", "data x, row 2: column 1 holds '0x10', expected a number"),
    table(csv(), "1,0\nNaN,1\n", "data x, row 2: column 1 holds 'NaN', expected a finite number"),
    table(csv(), "1,0\n-inf,1\n", "data x, row 2: column 1 holds '-inf', expected a finite number"),
    table(csv(), "1,0\n1e39,1\n", "data x, row 2: column 1 holds '1e39', expected a finite number"),
    table(csv(), "1,0\n2,nan\n", "data x, row 2: the label is 'nan', expected a finite number or"),
    table(
      csv(", \"label\": \"c\""), "a,b\n1,2\n", "data x: there is no column 'c'; the header has a, b"
    ),
    table(
      csv(", \"label\": \"a\""), "a,a\n1,2\n",
      "data x: 2 columns are called 'a'; choose one by its place"),
    table(csv(", \"label\": 3"), "1,2\n", "data x: there is no column 3; the first row has 2"),
    table(csv(", \"label\": -3"), "1,2\n", "data x: there is no column -3; the first row has 2"),
    table(
      csv(", \"group\": 2"), "1,2\n3,4\n",
      "data x: one column is chosen for both labels and groups"),
    table(csv(), "1\n2\n", "data x: no column is left for features; the first row has 1"),
    table(csv(), "1,0\n", "data x: holds one example; training and testing need one each"),
    table(
      csv(", \"test\": \"t\"").replacing("t\"}", with: "numbers\"}"), "1,0\n2,1\n",
      "data numbers, row 1: the label '7' is none of those that are trained on: 0, 1"),
    table(
      csv(", \"shape\": [1, 2, 2]"), "1,2,3,0\n1,2,3,1\n",
      "data x: its examples have 3 features, which do not fill the shape [1, 2, 2]"),
    Sample(csv(), ["x": [0x31, 0x2C, 0xFF, 0x0A]], "data x: byte 2 is no text in UTF-8"),
    Sample(
      csv(), ["x": [0x31, 0, 0x0A]], "data x: this is a binary file; expected comma-separated"),
    table(csv(), "1,0\n\u{1B}[31m,1\n", "data x, row 2: column 1 holds '\\u{1b}[31m', expected a"),
  ]

  static func leaf(_ text: String, _ message: String) -> Sample {
    Sample("{\"leaf\": {\"train\": \"x\"}}", ["x": Array(text.utf8)], message)
  }

  static func user(_ x: String, _ y: String, _ count: String = "1") -> String {
    "{\"users\": [\"u\"], \"num_samples\": [\(count)],\n \"user_data\": {\"u\": {\"x\": \(x), \"y\": \(y)}}}"
  }

  static let leafSamples: [Sample] = [
    leaf("", "data x, row 1: there is nothing in it; expected LEAF's JSON (at byte 0)"),
    leaf("[1]", "data x, row 1: expected an object, '{' (at byte 0)"),
    leaf("{}", "data x: the key 'users' is missing"),
    leaf(
      String(user("[[1]]", "[0]").dropLast()), "data x, row 2: expected ',' or '}' (at byte 80)"),
    leaf(user("[[1]]", "[0]") + "]", "data x, row 2: something follows the value"),
    leaf(user("[[1]]", "[0, 1]"), "data x, row 2: user 'u' has 1 examples in x and 2 labels in y"),
    leaf(user("[[1]]", "[0]", "2"), "data x: user 'u' has 1 examples, num_samples says 2"),
    leaf(user("[[1]]", "[0]", "1, 1"), "data x: lists 1 users and 2 num_samples"),
    leaf(
      user("[[1], [1, 2]]", "[0, 0]", "2"),
      "data x, row 2: user 'u', example 2 has 2 values, the first has 1"),
    leaf(user("[[NaN]]", "[0]"), "data x, row 2: expected a finite number (at byte"),
    leaf(user("[[1e39]]", "[0]"), "data x, row 2: the number is too large for a feature (at byte"),
    leaf(user("[[1]]", "[0.5]"), "data x, row 2: the label 0.5 is out of range; expected a whole"),
    leaf(user("[[1]]", "[-1]"), "data x, row 2: the label -1.0 is out of range; expected a whole"),
    leaf(user("[[1]]", "[\"a\"]"), "data x, row 2: a label is a text; only whole numbers can be"),
    leaf(user("[\"text\"]", "[0]"), "data x, row 2: an example holds text; only examples of num"),
    leaf(user("[]", "[]", "0"), "data x: no user has any examples"),
    leaf(user("[[]]", "[0]"), "data x: its examples have no features"),
    leaf(user("[[[[[[1]]]]]]", "[0]"), "data x, row 2: an example has too many levels of lists"),
    leaf(
      user("[[1]]", "[0]").replacing("[\"u\"]", with: "[\"v\"]"),
      "data x: user 'v' is listed, but not in user_data"),
    leaf(
      user("[[1]]", "[0]").replacing("{\"u\":", with: "{\"w\": {}, \"u\":"),
      "data x: user 'w' is in user_data, but not listed"),
  ]

  static let arraySamples: [Sample] = [
    Sample(
      "{\"npz\": {\"train\": \"x\"}}", ["x": []], "data x: there is nothing in it; expected what"),
    Sample(
      "{\"npz\": {\"train\": \"x\"}}", ["x": Array("no archive".utf8)],
      "data x: this is no ZIP archive, or a damaged one"),
    Sample(
      "{\"npz\": {\"train\": \"\(DataFiles.folder)/test.npz\", \"classes\": 1}}", [:],
      "data FOLDER/test.npz: x, row 1: the label 2 is out of range; there are 1 classes, 0 to 0"),
    Sample(
      "{\"npz\": {\"train\": \"\(DataFiles.folder)/split.npz\", \"test\": \"x\"}}", ["x": []],
      "data x: there is nothing in it"),
    Sample(
      "{\"npy\": {\"train-x\": \"\(DataFiles.folder)/train-x.npy\", \"train-y\": \"x\"}}",
      ["x": Array("\u{93}NUMPY".utf8)], "data x: this is not a NumPy array; expected the first"),
    Sample(
      "{\"npy\": {\"train-x\": \"\(DataFiles.folder)/train-y.npy\", \"train-y\": "
        + "\"\(DataFiles.folder)/train-y.npy\"}}", [:],
      "data FOLDER/train-y.npy: has the shape [6], as labels have"),
  ]

  static let samples =
    idxSamples + gzipSamples + cifarSamples + csvSamples + leafSamples + arraySamples

  @Test("one line says which file, where and what", arguments: samples)
  func refused(_ sample: Sample) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    for (name, bytes) in sample.files { try scratch.write(bytes, to: name) }
    try scratch.write("3,7\n", to: "numbers")
    let message =
      DataFiles.message(sample.source, in: scratch.path)?
      .replacing(DataFiles.folder, with: "FOLDER") ?? "no error"
    #expect(message.hasPrefix(sample.message), "\(message)")
    #expect(!message.contains("\n"))
  }

  @Test("a path that is missing, or half of a pair, is a mistake of the experiment")
  func parameters() throws {
    for (source, message) in [
      ("\"csv\"", "train: must be the path of a file, got nothing"),
      (
        "{\"idx\": {\"train-images\": \"x\"}}",
        "train-labels: must be the path of a file, got nothing"
      ),
      (
        "{\"npy\": {\"train-x\": \"x\", \"train-y\": \"y\", \"test-y\": \"z\"}}",
        "test-x: must be given beside test-y, got nothing"
      ),
      (
        "{\"csv\": {\"train\": \"x\", \"label\": \"a\", \"header\": \"absent\"}}",
        "header: cannot be absent while a column is chosen by name"
      ),
      (
        "{\"csv\": {\"train\": \"x\", \"test-fraction\": 1}}",
        "must be greater than 0 and less than 1"
      ),
      (
        "{\"csv\": {\"train\": \"x\", \"normalise\": \"units\"}}",
        "unknown value 'units'; did you mean"
      ),
    ] {
      let found = DataFiles.message(source) ?? "no error"
      #expect(found.contains(message), "\(found)")
    }
  }
}

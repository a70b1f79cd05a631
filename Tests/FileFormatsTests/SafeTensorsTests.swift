import FileFormats
import Testing

@Suite("safetensors files")
struct SafeTensorsTests {
  @Test("every type that the safetensors package writes reads with its values")
  func types() throws {
    let file = try SafeTensorsFile.read(TensorVectors.path("types.safetensors"))
    #expect(file.metadata == ["format": "np"])
    let archive = try TensorArchive.read(TensorVectors.path("types.safetensors"))
    #expect(archive.tensors == file.tensors)
    for name in ["f2", "bf16", "f4", "f8"] {
      #expect(try archive.tensor(name).doubles == TensorVectors.numbers, "\(name)")
      #expect(try archive.tensor(name).floats == TensorVectors.numbers.map(Float.init), "\(name)")
    }
    for name in ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"] {
      let expected = name.hasPrefix("i") ? TensorVectors.signed : TensorVectors.unsigned
      #expect(try archive.tensor(name).integers == expected, "\(name)")
    }
    #expect(archive["bf16"]?.values.type == .bfloat16)
    #expect(archive["bool"]?.values == .bool([true, false, false, true]))
    #expect(archive["scalar"] == NamedTensor(name: "scalar", shape: [], values: .float64([2.5])))
    #expect(archive["empty"]?.shape == [0, 3])
    #expect(archive["quo\"te\n"]?.values == .int32([1]))
    #expect(try SafeTensorsFile.read(TensorVectors.path("nothing.safetensors")).tensors.isEmpty)
  }

  @Test(
    "what was read is written byte for byte as the package wrote it",
    arguments: ["types.safetensors", "nothing.safetensors"])
  func sameBytes(name: String) throws {
    try withFolder { folder in
      try SafeTensorsFile.read(TensorVectors.path(name)).write(to: folder + "/a.safetensors")
      #expect(try readBytes(folder + "/a.safetensors") == (try TensorVectors.bytes(name)))
    }
  }

  static let wrong: [(String, Int, String)] = [
    (
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 7,
      "a: the values end at 8; expected at most 7"
    ),
    (
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 9,
      "9 bytes follow the header; expected 8"
    ),
    (
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}", 8,
      "a: the data_offsets span 8 bytes; expected 12 for float32 [3]"
    ),
    (
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4,8]}}", 8,
      "a: the values start at 4; expected 0"
    ),
    (
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[3,7]}}",
      7, "b: the values start at 3; expected 4"
    ),
    (
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[5,9]}}",
      9, "b: the values start at 5; expected 4"
    ),
    (
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4,8]}}",
      8, "the header is not JSON: header:1:54: the key 'a' is there twice"
    ),
    (
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}", 8,
      "a: the data_offsets are [8, 0]"
    ),
    (
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8,9]}}", 8,
      "a: the data_offsets are [0, 8, 9]"
    ),
    (
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}", 8,
      "a: the header's entry is wrong"
    ),
    (
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[2.5],\"data_offsets\":[0,8]}}", 8,
      "a: the header's entry is wrong"
    ),
    ("{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}", 8, "a: the header's entry is wrong"),
    (
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"x\":1}}", 8,
      "a: the header's entry is wrong"
    ),
    (
      "{\"a\":{\"dtype\":\"F8_E4M3\",\"shape\":[8],\"data_offsets\":[0,8]}}", 8,
      "a: the dtype is 'F8_E4M3'; expected F64, F32"
    ),
    (
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296,4],\"data_offsets\":[0,8]}}", 8,
      "a: the data_offsets span 8 bytes; expected more than any file has"
    ),
    (
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[9223372036854775807],\"data_offsets\":[0,9223372036854775807]}}",
      8, "a: the values end at 9223372036854775807; expected at most 8"
    ),
    (
      "{\"a\":{\"dtype\":\"BOOL\",\"shape\":[2],\"data_offsets\":[0,2]}}", 2,
      "a: truth value 0 is the byte 9; expected 0 or 1"
    ),
    (
      "{\"__metadata__\":{\"a\":1}}", 0, "__metadata__: the metadata hold something else than texts"
    ),
    (" {}", 0, "the header is no JSON object"), ("[]", 0, "the header is no JSON object"),
    ("{\"a\":", 0, "the header is not JSON: header:1:6: a value is missing here"),
  ]

  @Test("a header that breaks a rule of the format is refused in one line", arguments: wrong)
  func refused(header: String, count: Int, words: String) {
    let bytes = safetensors(header, values: [UInt8](repeating: 9, count: count))
    let message = complaint { () throws(TensorFileError) in
      _ = try SafeTensorsFile(parsing: bytes, file: "m.safetensors")
    }
    #expect(message.hasPrefix("m.safetensors: \(words)"), "\(message)")
    #expect(!message.contains("\n"))
  }

  @Test("a length that lies is refused before anything is allocated")
  func length() {
    func message(_ bytes: [UInt8]) -> String {
      complaint { () throws(TensorFileError) in
        _ = try SafeTensorsFile(parsing: bytes, file: "m.safetensors")
      }
    }
    #expect(message([1, 2, 3]).contains("3 bytes; expected at least the 8 bytes"))
    let huge = [UInt8](repeating: 0xFF, count: 16)
    #expect(
      message(huge).contains("the header claims 18446744073709551615 bytes; expected at most"))
    #expect(message([100, 0, 0, 0, 0, 0, 0, 0, 0x7B]).contains("the header is cut off"))
  }

  @Test("the header fills a multiple of 8 bytes, names stay in the order given")
  func layout() throws {
    let file = SafeTensorsFile(
      tensors: [
        NamedTensor(name: "z", shape: [3], values: .uint8([1, 2, 3])),
        NamedTensor(name: "a", shape: [1], values: .float64([1])),
      ], metadata: ["b": "2", "a": "1"])
    try withFolder { folder in
      let path = folder + "/a.safetensors"
      try file.write(to: path)
      #expect(try SafeTensorsFile.read(path) == file)
      let bytes = try readBytes(path)
      #expect(bytes[0] % 8 == 0)
      #expect(bytes.count == 8 + Int(bytes[0]) + 11)
      let reserved = SafeTensorsFile(
        tensors: [NamedTensor(name: "__metadata__", shape: [0], values: .uint8([]))])
      #expect(
        complaint { () throws(TensorFileError) in try reserved.write(to: path) }
          .contains("this name is taken by the format"))
      #expect(try readBytes(path) == bytes)
    }
  }
}

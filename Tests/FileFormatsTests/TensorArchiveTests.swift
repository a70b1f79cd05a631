import FileFormats
import Foundation
import Testing

func readBytes(_ path: String) throws -> [UInt8] {
  Array(try Data(contentsOf: URL(filePath: path)))
}

@Suite("Tensor files by extension")
struct TensorArchiveTests {
  private static let tensors = [
    NamedTensor(name: "fc1.weight", shape: [2, 2], values: .float32([1, -2, .nan, 0.1])),
    NamedTensor(name: "steps", shape: [], values: .int64([.max])),
  ]

  private func message(_ path: String) -> String {
    complaint { () throws(TensorFileError) in _ = try TensorArchive.read(path) }
  }

  @Test("each kind holds the same bits", arguments: ["npz", "safetensors", "NPZ"])
  func roundTrip(ending: String) throws {
    try withFolder { folder in
      let path = "\(folder)/w.\(ending)"
      try TensorArchive.write(Self.tensors, to: path)
      let back = try TensorArchive.read(path)
      #expect(back.tensors.map(\.name) == ["fc1.weight", "steps"])
      #expect(
        try back.tensor("fc1.weight").floats.map(\.bitPattern)
          == Self.tensors[0].floats.map(\.bitPattern))
      #expect(try back.tensor("steps").integers == [.max])
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["w.\(ending)"])
    }
  }

  @Test("a name that is not there is answered with the nearest and the list")
  func missingName() throws {
    let archive = try TensorArchive.read(TensorVectors.path("deflated.npz"))
    let found = complaint { () throws(TensorFileError) in _ = try archive.tensor("x") }
    #expect(
      found.hasSuffix(
        "deflated.npz: there is no array 'x'; expected it beside what the file has: a, b"))
  }

  @Test("extensions that say nothing, or not the truth, are refused with what works")
  func extensions() throws {
    #expect(
      message("w.txt")
        == "w.txt: unknown extension '.txt'; expected a name that ends in .npy, .npz or .safetensors"
    )
    #expect(message("w").hasPrefix("w: the name has no extension; expected a name that ends in"))
    #expect(message("model.pt").contains("save the state dictionary as safetensors"))
    try withFolder { folder in
      let wrong = "\(folder)/w.npz"
      try Data(try TensorVectors.bytes("row-major.npy")).write(to: URL(filePath: wrong))
      #expect(message(wrong).contains("the content is that of a .npy file; expected a .npz one"))
      try Data(try TensorVectors.bytes("types.safetensors")).write(to: URL(filePath: wrong))
      #expect(message(wrong).contains("the content is that of a .safetensors file"))
      let other = "\(folder)/w.safetensors"
      try Data(try TensorVectors.bytes("types.npz")).write(to: URL(filePath: other))
      #expect(message(other).contains("the content is that of a .npz file"))
    }
  }

  @Test("files that are not there, folders and devices are told apart, and left alone")
  func places() throws {
    #expect(message("/nowhere/w.npz") == "/nowhere/w.npz: there is no such file or folder")
    try withFolder { folder in
      let path = "\(folder)/w.npz"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
      #expect(message(path) == "\(path): this is a folder; expected a file")
      #expect(
        complaint { () throws(TensorFileError) in try TensorArchive.write(Self.tensors, to: path) }
          == "\(path): this is a folder; expected a file")
      let link = "\(folder)/null.npz"
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/dev/null")
      #expect(
        complaint { () throws(TensorFileError) in try TensorArchive.write(Self.tensors, to: link) }
          .contains("this is no regular file"))
      #expect(message(link).contains("this is no regular file"))
      let missing = "\(folder)/no/w.npz"
      #expect(
        complaint { () throws(TensorFileError) in try TensorArchive.write(Self.tensors, to: missing)
        }
          == "\(missing): cannot be written: there is no such file or folder")
    }
  }

  @Test("what a kind cannot hold is refused, and the old file stays")
  func unwritable() throws {
    try withFolder { folder in
      let path = "\(folder)/w.npz"
      try TensorArchive.write(Self.tensors, to: path)
      let before = try readBytes(path)
      func refusal(_ tensors: [NamedTensor], _ name: String = "w.npz") -> String {
        complaint { () throws(TensorFileError) in
          try TensorArchive.write(tensors, to: "\(folder)/\(name)")
        }
      }
      let brain = NamedTensor(name: "a", shape: [1], values: .bfloat16([0]))
      #expect(refusal([brain]).contains("w.npz: a: NumPy has no bfloat16 values"))
      #expect(
        refusal([Self.tensors[0], Self.tensors[0]]).contains("fc1.weight: this name is there twice")
      )
      #expect(refusal([NamedTensor(name: "", shape: [0], values: .uint8([]))]).contains("is empty"))
      #expect(refusal(Self.tensors, "w.npy").contains("a .npy file cannot hold 2 tensors"))
      #expect(try readBytes(path) == before)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["w.npz"])
    }
  }

  @Test("a link is followed, so that its file is replaced and not the link")
  func link() throws {
    try withFolder { folder in
      try TensorArchive.write([], to: "\(folder)/real.npz")
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/link.npz", withDestinationPath: "real.npz")
      try TensorArchive.write(Self.tensors, to: "\(folder)/link.npz")
      #expect(try TensorArchive.read("\(folder)/real.npz").tensors.count == 2)
    }
  }

  @Test("conversions refuse what would lose its meaning")
  func conversions() {
    func words(_ values: TensorValues, _ body: (NamedTensor) throws(TensorFileError) -> Void)
      -> String
    {
      let tensor = NamedTensor(name: "t", shape: [values.count], values: values)
      return complaint { () throws(TensorFileError) in try body(tensor) }
    }
    #expect(
      words(.uint8([1])) { (t) throws(TensorFileError) in _ = try t.floats }
        == "t: holds uint8 values; expected floating-point numbers")
    #expect(
      words(.float32([1])) { (t) throws(TensorFileError) in _ = try t.integers }
        == "t: holds float32 values; expected integers")
    #expect(
      words(.uint64([1, .max])) { (t) throws(TensorFileError) in _ = try t.integers }.hasPrefix(
        "t: value 1 is 18446744073709551615; expected at most"))
    #expect(
      words(.float64([0, 1e300])) { (t) throws(TensorFileError) in _ = try t.floats }.hasPrefix(
        "t: value 1 is 1e+300; expected at most"))
    #expect(
      words(.float64([.infinity, .nan])) { (t) throws(TensorFileError) in _ = try t.floats } == "")
  }
}

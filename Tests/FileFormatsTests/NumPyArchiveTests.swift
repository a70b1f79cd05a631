import FileFormats
import Testing

@Suite("NumPy archives")
struct NumPyArchiveTests {
  private static let good = npy(
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }",
    values: [UInt8](repeating: 0, count: 8))

  private func message(_ members: [HandmadeZip.Member]) -> String {
    complaint { () throws(TensorFileError) in
      _ = try NumPyFile.parseArchive(HandmadeZip.bytes(members), file: "w.npz")
    }
  }

  @Test("every type that numpy.savez stores reads with its values, in both byte orders")
  func types() throws {
    for file in ["types.npz", "big-endian.npz"] {
      let archive = try TensorArchive.read(TensorVectors.path(file))
      for name in ["f2", "f4", "f8"] {
        let tensor = try archive.tensor(name)
        #expect(try tensor.doubles == TensorVectors.numbers, "\(file) \(name)")
        #expect(try tensor.floats == TensorVectors.numbers.map(Float.init))
        #expect(tensor.shape == [2, 3])
      }
      for name in ["i2", "i4", "i8", "u2", "u4", "u8"] {
        let expected = name.hasPrefix("i") ? TensorVectors.signed : TensorVectors.unsigned
        #expect(try archive.tensor(name).integers == expected, "\(file) \(name)")
        #expect(try archive.tensor(name).shape == [3, 2])
      }
    }
    let archive = try TensorArchive.read(TensorVectors.path("types.npz"))
    #expect(
      archive.tensors.map(\.values.type) == [
        .float16, .float32, .float64, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32,
        .uint64, .bool, .float64, .float32, .int32,
      ])
    #expect(archive["i1"]?.values == .int8([-2, 19, 40, 61, 82, 103]))
    #expect(archive["u1"]?.values == .uint8([0, 21, 42, 63, 84, 105]))
    #expect(archive["bool"]?.values == .bool([true, false, false, true]))
    #expect(archive["scalar"] == NamedTensor(name: "scalar", shape: [], values: .float64([2.5])))
    #expect(archive["empty"] == NamedTensor(name: "empty", shape: [0, 3], values: .float32([])))
    #expect(archive["grüße"]?.values == .int32([1, 2]))
  }

  @Test("deflated members and ZIP64 records read")
  func forms() throws {
    let deflated = try NumPyFile.readArchive(TensorVectors.path("deflated.npz"))
    #expect(deflated.map(\.name) == ["a", "b"])
    #expect(deflated[0].shape == [8, 8])
    #expect(deflated[0].values == .float32((0..<64).map { Float($0 % 4) }))
    let zip64 = try NumPyFile.readArchive(TensorVectors.path("zip64.npz"))
    #expect(zip64.map(\.values) == [.float32([0, 1, 2, 3, 4]), .int64([0, 1])])
  }

  @Test("an archive written and read again is the same, and written again the same bytes")
  func roundTrip() throws {
    let tensors = try NumPyFile.readArchive(TensorVectors.path("types.npz"))
    try withFolder { folder in
      let path = folder + "/out.npz"
      try NumPyFile.writeArchive(tensors, to: path)
      #expect(try NumPyFile.readArchive(path) == tensors)
      let bytes = try readBytes(path)
      try NumPyFile.writeArchive(tensors, to: path)
      #expect(try readBytes(path) == bytes)
      try NumPyFile.writeArchive([], to: path)
      #expect(try NumPyFile.readArchive(path).isEmpty)
    }
  }

  @Test("stored members lie in the archive as they are, whole and in order")
  func stored() throws {
    let tensors = [
      NamedTensor(name: "b", shape: [2], values: .float32([0, 0])),
      NamedTensor(name: "a", shape: [1], values: .int64([7])),
    ]
    try withFolder { folder in
      try NumPyFile.writeArchive(tensors, to: folder + "/a.npz")
      try NumPyFile.write(tensors[1], to: folder + "/a.npy")
      let bytes = try readBytes(folder + "/a.npz")
      let member = try readBytes(folder + "/a.npy")
      #expect(bytes.firstRange(of: member) != nil)
      #expect(try NumPyFile.readArchive(folder + "/a.npz").map(\.name) == ["b", "a"])
    }
  }

  @Test("names that repeat, members that are no arrays and strange packings are refused")
  func members() {
    #expect(message([.init(name: "a.npy", content: Self.good)]) == "")
    let twice = [
      HandmadeZip.Member(name: "a.npy", content: Self.good),
      HandmadeZip.Member(name: "a.npy", content: Self.good),
    ]
    #expect(
      message(twice) == "w.npz: a.npy: the archive has this member twice; expected distinct names")
    #expect(
      message([.init(name: "data.pkl", content: [1])])
        == "w.npz: data.pkl: this member is no array; expected names that end in .npy")
    #expect(
      message([.init(name: "a.npy", content: Self.good, method: 12)])
        == "w.npz: a.npy: the member is packed by method 12; expected stored (0) or deflated (8) ones"
    )
    #expect(
      message([.init(name: "a.npy", content: Self.good, flags: 1)])
        == "w.npz: a.npy: the member is encrypted; expected a plain one")
    #expect(message([.init(name: "evil\nname.npy", content: [])]).contains("evil\\u{a}name"))
  }

  @Test("members that claim other sizes or check sums than they have are refused")
  func lies() {
    #expect(
      message([.init(name: "a.npy", content: Self.good, claimedCRC: 1)])
        == "w.npz: a: the member is damaged (CRC error)")
    for size in [Self.good.count - 1, Self.good.count + 4, 1 << 31] {
      let lie = HandmadeZip.Member(
        name: "a.npy", content: Self.good, method: 8, claimedSize: size)
      #expect(message([lie]).contains("w.npz: a: holds"), "\(message([lie]))")
    }
    let shared = [
      HandmadeZip.Member(name: "a.npy", content: Self.good),
      HandmadeZip.Member(name: "b.npy", content: Self.good, sharedWith: 0),
      HandmadeZip.Member(name: "c.npy", content: Self.good, sharedWith: 0),
      HandmadeZip.Member(name: "d.npy", content: Self.good, sharedWith: 0),
      HandmadeZip.Member(name: "e.npy", content: Self.good, sharedWith: 0),
      HandmadeZip.Member(name: "f.npy", content: Self.good, sharedWith: 0),
      HandmadeZip.Member(name: "g.npy", content: Self.good, sharedWith: 0),
    ]
    #expect(message(shared).contains("the members overlap"), "\(message(shared))")
  }

  @Test(
    "a header and an archive that agree on a huge size do not make memory grow", arguments: [0, 8])
  func hugeClaims(method: Int) {
    let content = npy(
      "{'descr': '|u1', 'fortran_order': False, 'shape': (3000000000,), }", values: [1, 2, 3])
    let header = content.count - 3
    let lie = HandmadeZip.Member(
      name: "a.npy", content: content, method: method, claimedSize: header + 3_000_000_000)
    let found = message([lie])
    #expect(found.hasPrefix("w.npz: a"), "\(found)")
    #expect(
      found.contains("holds 3 bytes of values; expected 3000000000") || found.contains("damaged"),
      "\(found)")
  }

  @Test("bytes that go on after what header and archive claim are refused")
  func packedSurplus() {
    let lie = HandmadeZip.Member(
      name: "a.npy", content: Self.good + [UInt8](repeating: 0, count: 5000), method: 8,
      claimedSize: Self.good.count)
    let found = message([lie])
    #expect(found.contains("more bytes follow the values") || found.contains("damaged"), "\(found)")
  }
}

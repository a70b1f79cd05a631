import FileFormats
import Testing

@Suite("NumPy arrays")
struct NumPyFileTests {
  @Test("each version of the header that NumPy writes reads alike", arguments: 1...3)
  func versions(version: Int) throws {
    let tensor = try NumPyFile.read(TensorVectors.path("version-\(version).npy"))
    #expect(
      tensor == NamedTensor(name: "version-\(version)", shape: [3], values: .float64([0, 1, 2])))
  }

  @Test("an array that NumPy stored column by column comes out row by row")
  func columnMajor() throws {
    let rows = try NumPyFile.read(TensorVectors.path("row-major.npy"))
    let columns = try NumPyFile.read(TensorVectors.path("column-major.npy"))
    #expect(rows.values == .int32((0..<24).map(Int32.init)))
    #expect(columns.values == rows.values)
    #expect(columns.shape == [2, 3, 4])
  }

  @Test("what is written is byte for byte what NumPy writes")
  func sameBytes() throws {
    try withFolder { folder in
      for name in ["row-major.npy", "version-1.npy"] {
        try NumPyFile.write(try NumPyFile.read(TensorVectors.path(name)), to: folder + "/out.npy")
        let written = try TensorArchive.read(folder + "/out.npy").tensors
        #expect(written.count == 1)
        let bytes = try readBytes(folder + "/out.npy")
        #expect(bytes == (try TensorVectors.bytes(name)), "\(name)")
      }
    }
  }

  @Test(
    "arrays of other things than numbers are refused by their kind",
    arguments: [
      ("records", "holds records (a structured dtype); expected f2"),
      ("objects", "holds Python objects (dtype '|O'), which can run code when read"),
      ("texts", "holds texts (dtype '<U2')"), ("complex", "holds complex numbers (dtype '<c16')"),
    ])
  func refused(name: String, words: String) throws {
    let path = TensorVectors.path("\(name).npy")
    let message = complaint { () throws(TensorFileError) in _ = try NumPyFile.read(path) }
    #expect(message.hasPrefix("\(path): \(words)"), "\(message)")
  }

  static let lies: [(String, Int, String)] = [
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", 8,
      "holds 8 bytes of values; expected 12 for float32 [3]"
    ),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", 16,
      "holds 16 bytes of values; expected 12"
    ),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000,), }", 8,
      "the header claims float32 [1000000000000]; expected values of at most"
    ),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296, 4294967296), }",
      8, "the header claims float32 ["
    ),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", 8,
      "the shape holds 99999999999999999999, which no file can have"
    ),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", 8,
      "the shape holds something else than whole numbers"
    ),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2), }", 8,
      "the shape (2) is a number; expected (2,)"
    ),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2 2), }", 8,
      "a comma is missing in the shape"
    ),
    (
      "{'descr': '<f4', 'fortran_order': 0, 'shape': (2,), }", 8,
      "'fortran_order' is neither True nor False"
    ),
    ("{'descr': '<f4', 'fortran_order': False, }", 8, "the header lacks 'shape'"),
    (
      "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 8,
      "the header has 'descr' twice"
    ),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'x': 1}", 8,
      "the header has the unknown key 'x'"
    ),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), } + 1", 8,
      "the header goes on after its dictionary"
    ),
    ("{'descr': '<f4, ", 8, "a text in the header is never closed"),
    ("['descr']", 8, "the header is no dictionary: '{' is missing"),
    (
      "{'descr': '|f4', 'fortran_order': False, 'shape': (2,), }", 8,
      "the dtype '|f4' lacks a byte order; expected '<f4'"
    ),
    (
      "{'descr': '<f16', 'fortran_order': False, 'shape': (1,), }", 16,
      "holds values of the unknown dtype '<f16'"
    ),
    (
      "{'descr': '<M8[ns]', 'fortran_order': False, 'shape': (1,), }", 8,
      "holds times (dtype '<M8[ns]')"
    ),
    (
      "{'descr': '|b1', 'fortran_order': False, 'shape': (8,), }", 8,
      "truth value 7 is the byte 7; expected 0 or 1"
    ),
  ]

  @Test("a header that lies is refused in one line that says how", arguments: lies)
  func lie(dictionary: String, count: Int, words: String) {
    var values = [UInt8](repeating: 0, count: count)
    values[count - 1] = 7
    let bytes = npy(dictionary, values: values)
    let message = complaint { () throws(TensorFileError) in
      _ = try NumPyFile.parse(bytes, file: "x.npy")
    }
    #expect(message.hasPrefix("x.npy: \(words)"), "\(message)")
    #expect(!message.contains("\n"))
  }

  @Test("what older NumPy versions wrote reads too")
  func oldForms() throws {
    let old = npy("{\"shape\": (2L,), 'fortran_order': True, 'descr': '?'}", values: [1, 0])
    #expect(try NumPyFile.parse(old, file: "a.npy").values == .bool([true, false]))
    let empty = npy(
      "{'descr': '<f8', 'fortran_order': True, 'shape': (0, 99999999999999999), }", values: [])
    #expect(try NumPyFile.parse(empty, file: "a.npy").shape == [0, 99_999_999_999_999_999])
  }

  @Test("a file that is no array gets one line that says so")
  func strangers() {
    func message(_ bytes: [UInt8]) -> String {
      complaint { () throws(TensorFileError) in _ = try NumPyFile.parse(bytes, file: "x.npy") }
    }
    #expect(message([]) == "x.npy: there is nothing in it; expected the first bytes \\x93NUMPY")
    #expect(message(Array("hello, world".utf8)).contains("this is not a NumPy array"))
    #expect(message([0x93] + Array("NUMPY".utf8) + [4, 0, 0, 0]).contains("version 4.0"))
    let huge = [0x93] + Array("NUMPY".utf8) + [2, 0, 0xFF, 0xFF, 0xFF, 0xFF]
    #expect(message(huge).contains("the header claims 4294967295 bytes; expected at most 65536"))
  }
}

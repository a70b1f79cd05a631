import FileFormats
import Foundation
import TestSupport

/// The files in `Tests/Vectors/tensors`, written by NumPy and by the safetensors package.
enum TensorVectors {
  static func path(_ name: String) -> String {
    testsDirectory.appending(path: "Vectors/tensors/\(name)").path
  }

  static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(filePath: path(name))))
  }

  static let numbers: [Double] = [-1.5, -0.75, 0, 0.75, 1.5, 2.25]
  static let signed: [Int64] = [-2, 19, 40, 61, 82, 103]
  static let unsigned: [Int64] = [0, 21, 42, 63, 84, 105]
}

/// Runs `body` with the path of a fresh folder, which is removed afterwards.
func withFolder(_ body: (String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try body(folder.path)
}

/// What reading or writing complains about; empty if it does not.
func complaint(_ body: () throws(TensorFileError) -> Void) -> String {
  do {
    try body()
    return ""
  } catch {
    return error.description
  }
}

/// A `.npy` file with this dictionary before the values.
func npy(_ dictionary: String, values: [UInt8], version: UInt8 = 1) -> [UInt8] {
  let text = Array((dictionary + "\n").utf8)
  let size = [UInt8(text.count & 0xFF), UInt8(text.count >> 8)] + (version == 1 ? [] : [0, 0])
  return [0x93] + Array("NUMPY".utf8) + [version, 0] + size + text + values
}

/// A `.safetensors` file with this header before the values.
func safetensors(_ header: String, values: [UInt8] = []) -> [UInt8] {
  let text = Array(header.utf8)
  return (0..<8).map { UInt8(text.count >> (8 * $0) & 0xFF) } + text + values
}

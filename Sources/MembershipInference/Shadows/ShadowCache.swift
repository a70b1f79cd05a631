internal import FileFormats
internal import Foundation
internal import Tensors

/// A folder of trained models, each in a file named by the hash of everything that decided it.
///
/// A file that is damaged or of another size is trained again and replaced. Files are written whole
/// or not at all, so several processes may share a folder.
public struct ShadowCache: Sendable, Hashable {
  /// The folder.
  public let folder: String

  /// The cache in `folder`, which is made if it is not there.
  ///
  /// - Throws: `MembershipError.cache` if it cannot be made.
  public init(folder: String) throws(MembershipError) {
    self.folder = folder
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw .cache(file: folder, reason: "the folder cannot be made: \(error.localizedDescription)")
    }
  }

  /// The parameters kept under `key`; nil if there are none that can be used.
  func parameters(_ key: String, count: Int) throws(MembershipError) -> Vector? {
    let path = path(key)
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    // An archive has check sums, a bare array has not.
    guard let tensor = try? NumPyFile.readArchive(path).first, tensor.shape == [count],
      tensor.values.type == .float32, let floats = try? tensor.floats
    else { return nil }
    let vector = Vector(floats)
    return vector.isFinite ? vector : nil
  }

  /// Keeps parameters under `key`.
  func keep(_ parameters: Vector, _ key: String) throws(MembershipError) {
    do {
      try NumPyFile.writeArchive(
        [
          NamedTensor(
            name: "parameters", shape: [parameters.count], values: .float32(parameters.array))
        ], to: path(key))
    } catch {
      throw .cache(file: path(key), reason: "\(error)")
    }
  }

  private func path(_ key: String) -> String { "\(folder)/shadow-\(key).npz" }
}

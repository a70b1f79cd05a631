internal import CryptoCore
internal import Federation
internal import FileFormats
internal import Foundation

/// What one federation of a membership study gave.
struct FederationResult: Codable, Sendable {
  /// Test accuracy of its last model.
  var accuracy: Double
  /// What that model answers about the audited examples; empty where an attack interfered.
  var outputs: [Double]
  /// What each of the attacks that were in it concluded, attack by attack.
  var conclusions: [[Conclusion]]
}

/// A folder of federations' results, each in a file named by the hash of all that decides it.
///
/// So a study that was interrupted goes on where it stopped, and one of other data, training,
/// defense or attacks finds nothing of another's. A file is its content's SHA-256, then the content;
/// what is damaged is trained again and replaced. Files are written whole or not at all, so several
/// processes may share a folder.
struct FederationCache: Sendable {
  let folder: String

  /// The cache in `folder`, which is made if it is not there.
  ///
  /// - Throws: `MembershipStudyError` if it cannot be made.
  init(folder: String) throws(MembershipStudyError) {
    self.folder = folder
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw MembershipStudyError(
        "cannot make the folder '\(folder)': \(error.localizedDescription); choose another with --out"
      )
    }
  }

  /// The result kept under `key`; nil if there is none that can be used.
  func result(_ key: String) -> FederationResult? {
    guard FileManager.default.fileExists(atPath: path(key)),
      let bytes = try? WholeFile.read(path(key)), bytes.count > 32
    else { return nil }
    let content = Array(bytes[32...])
    guard SHA256.hash(content).bytes == Array(bytes[..<32]) else { return nil }
    return try? BinaryDecoder().decode(FederationResult.self, from: content)
  }

  /// Keeps `result` under `key`.
  ///
  /// - Throws: `MembershipStudyError` if it cannot be written.
  func keep(_ result: FederationResult, _ key: String) throws {
    let content = try BinaryEncoder().encode(result)
    do {
      try WholeFile.replace(path(key), with: SHA256.hash(content).bytes + content)
    } catch {
      throw MembershipStudyError(
        "cannot keep a federation: \(error); choose another folder with --out")
    }
  }

  private func path(_ key: String) -> String { "\(folder)/\(key).federation" }
}

/// Why a study's folder cannot be used.
public struct MembershipStudyError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong and what would work.
  public let description: String

  init(_ description: String) { self.description = description }
}

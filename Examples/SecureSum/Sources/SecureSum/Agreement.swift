import Foundation
import Rampart

/// What all agree on before any message: the session, and by which keys they know each other.
///
/// Here it is a folder. In the world, public keys are registered when clients are, and the
/// session's number is drawn anew for every sum.
struct Agreement {
  static let coordinates = 4

  let folder: URL
  let session: MaskingSession
  let encoding: FixedPointEncoding
  let registry: IdentityRegistry

  /// The public part, as it is kept.
  private struct Record: Codable {
    var session: [UInt8]
    var clients: [[UInt8]]
    var server: [UInt8]
  }

  /// Draws a key for everybody and the session's number.
  static func prepare(in folder: URL, clients: Int) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    func newKey(_ name: String) throws -> [UInt8] {
      let seed = try SystemRandomness.bytes(32)
      let file = folder.appending(path: "\(name).key")
      // For nobody else's eyes.
      guard
        FileManager.default.createFile(
          atPath: file.path, contents: Data(seed), attributes: [.posixPermissions: 0o600])
      else { throw Failure("cannot write \(file.path)") }
      return try Ed25519.PrivateKey(seed: SecretBytes(copying: seed)).publicKey.bytes
    }
    let record = Record(
      session: try SystemRandomness.bytes(32),
      clients: try (0..<clients).map { try newKey("client-\($0)") }, server: try newKey("server"))
    try JSONEncoder().encode(record).write(to: folder.appending(path: "agreement.json"))
  }

  init(in folder: URL) throws {
    self.folder = folder
    let record = try JSONDecoder().decode(
      Record.self, from: Data(contentsOf: folder.appending(path: "agreement.json")))
    let clients = record.clients.count
    encoding = try FixedPointEncoding(clip: 10, bits: 16, clients: clients, rounding: .nearest)
    session = try MaskingSession(
      id: record.session, security: .active, clients: clients, threshold: 2 * clients / 3 + 1,
      dimension: Self.coordinates + 1, ring: encoding.ring)
    registry = IdentityRegistry(
      clients: try record.clients.map { try Ed25519.PublicKey($0) },
      server: try Ed25519.PublicKey(record.server))
  }

  /// The private key of "server" or "client-3".
  func key(of name: String) throws -> Ed25519.PrivateKey {
    let seed = try Data(contentsOf: folder.appending(path: "\(name).key"))
    return try Ed25519.PrivateKey(seed: SecretBytes(copying: Array(seed)))
  }

  /// What a client has measured and shows to nobody: in this example, numbers made of its own.
  static func measurement(of client: Int) -> Vector {
    Vector((0..<coordinates).map { Float(client + 1) / Float($0 + 1) })
  }

  /// The same as it is added: exact integers.
  func codes(of client: Int) throws -> RingVector {
    var unused = Generator(seed: 0)  // rounding to the nearest draws nothing
    return try encoding.encode(Self.measurement(of: client), using: &unused)
  }

  /// No message is longer.
  var messageLimit: Int {
    1024 + session.ring.packedCount(session.dimension) + 256 * session.clients
  }
}

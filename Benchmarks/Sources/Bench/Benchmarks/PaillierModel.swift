import Foundation
import Harness
import Paillier
import Randomness

/// A model's update from many clients, packed, encrypted, summed and decrypted: what each role
/// takes and sends.
struct PaillierModel {
  private let session: Session
  private let keys: PaillierKeyPair
  private let clients: Int
  private let dimension: Int
  private let packing: PackedEncoding
  private let peer: [String: Double]
  private let clock = ContinuousClock()

  /// - Parameter peer: Microseconds that the peer took for each operation.
  init(_ session: Session, keys: PaillierKeyPair, peer: [String: Double]) throws {
    self.session = session
    self.keys = keys
    self.peer = peer
    (clients, dimension) = session.isSmoke ? (3, 500) : (20, 431_080)
    packing = try PackedEncoding(bits: 16, clients: clients, key: keys.publicKey)
  }

  func run() throws {
    var times = (client: 0.0, adding: 0.0, hiding: 0.0, owner: 0.0)
    var expected = [Int](repeating: 0, count: dimension)
    let (packing, keys, workers) = (packing, keys, Core.count)
    var sum: PackedVector<RawCiphertext>?
    let generator = Generator(seed: 20)
    for client in 0..<clients {
      var own = generator.fork("client", UInt64(client))
      let codes = (0..<dimension).map { _ in own.uniform(below: 1 << 16) - 1 << 15 }
      for index in codes.indices { expected[index] += codes[index] }
      let vector = try timed(&times.client) { try packing.encrypt(codes, workers: workers) }
      sum = try timed(&times.adding) { try sum.map { try $0 + vector } ?? (vector * 1) }
    }
    guard let sum else { return }
    let sent = try timed(&times.hiding) { try sum.rerandomised() }
    let found = try timed(&times.owner) {
      try packing.decrypt(sent, with: keys.privateKey, workers: workers)
    }

    let outcome: Check.Outcome = found == expected ? .passed : .failed
    let bytes = packing.messageCount(dimension) * keys.publicKey.ciphertextByteCount
    session.remark(
      "\(clients) clients, \(dimension) values of 16 bits, \(packing.slots) a ciphertext of "
        + "\(keys.publicKey.bits) bits, \(workers) cores")
    session.columns(ofFindings: ["s", "MB in", "MB out"])
    func show(_ role: String, _ seconds: Double, received: Int, sent: Int) {
      session.check(
        "model, \(role)", outcome: outcome,
        Table.finding(
          [seconds, 1e-6 * Double(received), 1e-6 * Double(sent)].map(Figure.text)),
        values: ["seconds": seconds, "received": Double(received), "sent": Double(sent)])
    }
    show("a client encrypts", times.client / Double(clients), received: 0, sent: bytes)
    show("the server adds", times.adding, received: clients * bytes, sent: 0)
    show("the server hides the sum", times.hiding, received: 0, sent: bytes)
    show("the key's owner decrypts", times.owner, received: bytes, sent: 0)
    if let encrypt = peer["encrypt"], let decrypt = peer["decrypt"] {
      let values = Double(dimension)
      session.remark(
        "one value a ciphertext at python-paillier's rates above, on one core: "
          + "\(Figure.text(1e-6 * values * encrypt)) s a client and "
          + "\(Figure.text(1e-6 * values * decrypt)) s to decrypt; "
          + "\(Figure.text(1e-6 * values * Double(keys.publicKey.ciphertextByteCount))) MB each")
    }
  }

  private func timed<Result>(_ total: inout Double, _ body: () throws -> Result) rethrows -> Result
  {
    let start = clock.now
    defer { total += (clock.now - start) / .seconds(1) }
    return try body()
  }
}

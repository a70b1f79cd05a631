import Rampart

/// How gradients become whole numbers, and those become ciphertexts: all parties agree on it.
struct Agreement {
  /// Each coordinate is a multiple of this.
  static let step = 16 / 4_294_967_296.0
  let packing: PackedEncoding

  init(hospitals: Int, key: PaillierPublicKey) throws {
    packing = try PackedEncoding(bits: 32, clients: hospitals, key: key)
  }
}

/// Has patients, and the public key. What leaves it is encrypted.
struct Hospital {
  let table: Table
  let agreement: Agreement

  /// Its part of the mean gradient over all hospitals' rows, a code of 32 bits in each slot. A
  /// coordinate outside of -8..<8 is an error, and nothing is sent.
  func message(_ weights: [Double], rowsOfAll: Int) throws -> PackedVector<Ciphertext> {
    let codes = gradient(table, weights).map {
      Int(($0 / Double(rowsOfAll) / Agreement.step).rounded())
    }
    return try agreement.packing.encrypt(codes)
  }
}

/// Adds what it cannot read.
struct Aggregator {
  /// The encrypted sum, with a random factor of its own: it tells nothing but the sum.
  func add(_ messages: [PackedVector<Ciphertext>]) throws -> PackedVector<Ciphertext> {
    var sum = try messages[0] + messages[1]
    for message in messages.dropFirst(2) { sum = try sum + message }
    return try sum.rerandomised()
  }
}

/// Has the private key, and is shown sums only.
struct KeyHolder {
  let keys: PaillierKeyPair

  /// The mean gradient.
  func open(_ sum: PackedVector<Ciphertext>) throws -> [Double] {
    try sum.packing.decrypt(sum, with: keys.privateKey).map { Double($0) * Agreement.step }
  }
}

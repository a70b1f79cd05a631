internal import BigIntegers
internal import Components
internal import Federation
internal import Glibc
internal import Paillier
internal import Randomness
internal import Tensors

/// What transports that add under Paillier's encryption have in common: updates as packed codes under a
/// public key, their sum, and what it decodes to.
struct EncryptedUpdates {
  /// The transport's name.
  let name: String
  /// Coordinates are clipped to -clip...clip.
  let clip: Double
  /// Bits of a coordinate.
  let bits: Int
  /// The largest weight.
  let maxWeight: Int

  /// The distance of two codes: rounding moves a coordinate by less, and so their mean.
  var resolution: Double { 2 * clip / (exp2(Double(bits)) - 2) }

  /// Checks the parameters that all of these transports have.
  static func check(
    clip: Double, bits: Int, maxWeight: Int, keyBits: Int, step: Int, isInsecure: Bool,
    _ check: inout ParameterCheck
  ) {
    MaskedDelivery.check(clip: clip, bits: bits, maxWeight: maxWeight, &check)
    let least = isInsecure ? 256 : PaillierPublicKey.leastBits
    check(
      "key-bits", keyBits.isMultiple(of: step) && (least...8192).contains(keyBits),
      "must be a multiple of \(step) in \(least)...8192"
        + (isInsecure ? "" : ", or insecure: true"),
      got: keyBits)
  }

  /// A round from end to end.
  ///
  /// - Parameter key: The public key, and how a sum under it is opened: the residues of its ciphertexts,
  ///   with what that costs.
  func deliver(
    _ uploads: Uploads, using generator: inout Generator,
    key: () throws -> (
      public: PaillierPublicKey, open: (Sum, _ books: inout Delivery) throws -> [BigInteger]
    )
  ) throws -> Delivery {
    let dimension = uploads.updates.columns
    var books = Delivery(
      updates: UpdateMatrix(zeros: 0, columns: dimension), items: [], bytesUp: 0)
    guard uploads.clients.count >= 2 else {
      books.notes = ["\(name): 1 client is too few for a sum"]
      return books
    }
    let (key, open) = try key()
    if let sum = try sum(of: uploads, under: key, using: &generator, books: &books) {
      let result = try sum.mean(try open(sum, &books))
      books.updates = try UpdateMatrix(rows: [result.mean])
      books.items = [result.item]
    }
    books.countBytes()
    return books
  }

  /// A sum under encryption, ready to be sent to who may decrypt it.
  struct Sum {
    /// How codes lie in messages.
    let packing: PackedEncoding
    /// What codes mean.
    let encoding: FixedPointEncoding
    /// The packed weighted codes, and the total weight in a message of its own at the end.
    let ciphertexts: [Ciphertext]
    /// Whose updates are in it.
    let contributors: [Int]
    /// How many coordinates they have.
    let dimension: Int
  }

  /// Encrypts all uploads and adds them up, side by side; nil where nobody has anything to send.
  ///
  /// What both sides spend, and what the run should say, goes into `books`.
  private func sum(
    of uploads: Uploads, under key: PaillierPublicKey, using generator: inout Generator,
    books: inout Delivery
  ) throws -> Sum? {
    let count = uploads.clients.count
    let encoding = try FixedPointEncoding(clip: clip, bits: bits, clients: count)
    let packing = try PackedEncoding(bits: bits, clients: count, maxWeight: maxWeight, key: key)
    key.prepare()
    let streams = uploads.clients.map { generator.fork("rounding", UInt64($0)) }
    let sent = try WorkerPool.map(count, workers: uploads.workers) { row, _ in
      let began = ProcessorTime.ofThread()
      var stream = streams[row]
      var message = Message()
      if let weight = UploadWeight.whole(uploads.weights[row], limit: maxWeight) {
        let codes: [Int]
        do {
          codes = try encoding.signedCodes(uploads.updates.row(row), using: &stream)
        } catch {
          return Message(refusal: "\(error)")
        }
        let messages = try packing.encode(codes).map { $0 * BigInteger(weight) }
        message.ciphertexts = try key.encrypt(residues: messages + [BigInteger(weight)])
      } else {
        message.refusal = "its weight is not positive"
      }
      message.seconds = ProcessorTime.ofThread() - began
      return message
    }
    for text in UploadWeight.notes(uploads.weights, limit: maxWeight)
      + sent.compactMap({ $0.refusal.map { "an update was not sent: \($0)" } })
    {
      let note = "\(name): \(text)"
      if !books.notes.contains(note) { books.notes.append(note) }
    }
    let present = sent.indices.filter { !sent[$0].ciphertexts.isEmpty }
    let length = packing.messageCount(uploads.updates.columns) + 1
    books.costs.append(
      RoundCost(
        round: "encrypted update", role: .client, messages: present.count,
        bytes: present.count * length * key.ciphertextByteCount,
        cpuSeconds: sent.reduce(0) { $0 + $1.seconds }))
    if present.isEmpty { return nil }
    // What the server sends on is hidden anew: from the sum alone nobody should tell how it came about.
    let added = try WorkerPool.map(length, workers: uploads.workers) { place, _ in
      let began = ProcessorTime.ofThread()
      var total = try RawCiphertext(unhidden: BigInteger(0), key: key)
      for client in present { total = try total.adding(sent[client].ciphertexts[place]) }
      let hidden = try total.rerandomised()
      return (hidden, ProcessorTime.ofThread() - began)
    }
    books.costs.append(
      RoundCost(
        round: "encrypted sum", role: .server, cpuSeconds: added.reduce(0) { $0 + $1.1 }))
    return Sum(
      packing: packing, encoding: encoding, ciphertexts: added.map(\.0),
      contributors: present.map { uploads.clients[$0] }, dimension: uploads.updates.columns)
  }

  private struct Message: Sendable {
    var ciphertexts: [Ciphertext] = []
    var refusal: String?
    var seconds = 0.0
  }
}

extension EncryptedUpdates.Sum {
  /// The mean that decrypted residues tell, and what is known of it.
  ///
  /// - Throws: `PaillierError` for residues that are no sum of clients that keep to the rules.
  func mean(
    _ residues: [BigInteger]
  ) throws(PaillierError) -> (mean: Vector, item: Delivery.Item) {
    guard let last = residues.last, let weight = Int(exactly: last), weight > 0 else {
      throw .slotOverflow
    }
    let sums = try packing.decode(Array(residues.dropLast()), count: dimension, weight: weight)
    let scale = encoding.step / Double(weight)
    return (
      Vector(sums.map { Float(Double($0) * scale) }),
      Delivery.Item(
        clients: contributors, count: contributors.count, weight: Double(weight))
    )
  }
}

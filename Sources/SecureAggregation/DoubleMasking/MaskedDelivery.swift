package import Components
internal import CryptoCore
package import Federation
internal import Glibc
package import Randomness
internal import Tensors

/// What every transport that masks has in common: updates as integers, groups, a session for each
/// group with real keys, and the books.
package struct MaskedDelivery {
  /// What sums are made of.
  package struct Quantization {
    /// Coordinates are clipped to -clip...clip.
    var clip: Double
    /// Bits of a coordinate.
    var bits: Int
    /// The largest weight.
    var maxWeight: Int

    package init(clip: Double, bits: Int, maxWeight: Int) {
      (self.clip, self.bits, self.maxWeight) = (clip, bits, maxWeight)
    }

    func encoding(clients: Int) throws(EncodingError) -> FixedPointEncoding {
      try FixedPointEncoding(clip: clip, bits: bits, clients: clients, maxWeight: maxWeight)
    }
  }

  /// Graph and threshold for so many clients.
  typealias Topology = (_ clients: Int, _ generator: inout Generator) throws -> (
    graph: HararyGraph?, threshold: Int
  )

  /// What a protocol is to add up.
  package struct Group {
    /// One vector a client; zeros of those that have nothing to send.
    package let inputs: [RingVector]
    /// Who has nothing to send.
    package let silent: [Int]
    /// What the vectors mean.
    package let encoding: FixedPointEncoding
    /// The client of each vector, as the round knows it.
    package let clients: [Int]
    /// The round of training.
    package let round: Int
    /// How many threads may carry the clients.
    package let workers: Int
  }

  /// The sum of a group's vectors and whose are in it, and what that costs; nil if it came to
  /// nothing, of which the books then tell.
  package typealias Summation = (
    _ group: Group, _ generator: inout Generator, _ books: inout Delivery
  ) throws -> (sum: RingVector, contributors: [Int])?

  /// The transport's name.
  let name: String
  let quantization: Quantization
  /// How many groups are added up, each by itself.
  let groups: Int

  package init(name: String, quantization: Quantization, groups: Int = 1) {
    (self.name, self.quantization, self.groups) = (name, quantization, groups)
  }

  /// The fewest clients of a round: two for one sum; three a group where there are several, since a
  /// client that learns the sum of two knows the other one's update.
  package var minimumClients: Int { groups == 1 ? 2 : 3 * groups }

  /// The distance of two codes: rounding moves a coordinate by less, and so their mean.
  package var resolution: Double { 2 * quantization.clip / (exp2(Double(quantization.bits)) - 2) }

  /// Checks the parameters that all masked transports have.
  package static func check(clip: Double, bits: Int, maxWeight: Int, _ check: inout ParameterCheck)
  {
    check("clip", clip > 0 && (1e-30...1e30).contains(clip), "must be in 1e-30...1e30", got: clip)
    check("bits", (2...32).contains(bits), "must be in 2...32", got: bits)
    check(
      "max-weight", (1...1 << 30).contains(maxWeight), "must be in 1...2^30", got: maxWeight)
  }

  /// The sum of each group by double masking, as its mean and its weight.
  func deliver(
    _ uploads: Uploads, using generator: inout Generator, security: MaskingSession.Security,
    topology: Topology
  ) throws -> Delivery {
    try deliver(uploads, using: &generator) { group, generator, books in
      let (graph, threshold) = try topology(group.inputs.count, &generator)
      return try maskedSum(
        group.inputs, silent: group.silent, workers: group.workers, security: security,
        graph: graph, threshold: threshold, books: &books)
    }
  }

  /// The sum of `inputs` but those of the silent, and whose are in it, by a session of double
  /// masking of its own; nil if it came to nothing.
  ///
  /// - Precondition: There is an input.
  func maskedSum(
    _ inputs: [RingVector], silent: [Int], workers: Int, security: MaskingSession.Security,
    graph: HararyGraph?, threshold: Int, books: inout Delivery
  ) throws -> (sum: RingVector, contributors: [Int])? {
    let session = try MaskingSession(
      id: SystemRandomness.bytes(32), security: security, clients: inputs.count,
      threshold: threshold, dimension: inputs[0].count, ring: inputs[0].ring, graph: graph)
    var local = try LocalAggregation(
      in: session, inputs: inputs,
      dropouts: Dictionary(uniqueKeysWithValues: silent.map { ($0, .maskedInput) }),
      workers: workers)
    local.serverWorkers = 1
    let run = try local.run()
    add(run, to: &books)
    return run.outcome.map { ($0.sum, $0.contributors) }
  }

  /// Takes what a masked sum cost into the books, and why it came to nothing if it did.
  package func add(_ run: LocalAggregation.Run, to books: inout Delivery) {
    // Rounds in which nothing arrives stay in the books of the protocol.
    books.costs.add(run.costs.filter { $0.messages > 0 || $0.cpuSeconds > 0 })
    if run.outcome == nil {
      note("no sum: \(run.abort.map { "\($0)" } ?? "the clients gave up")", in: &books)
    }
  }

  /// The sum of each group, as its mean and its weight.
  ///
  /// Groups are drawn anew each time, of sizes that differ by one at most. A client whose update
  /// cannot be encoded has nothing to send and drops out.
  package func deliver(
    _ uploads: Uploads, using generator: inout Generator, adding: Summation
  ) throws -> Delivery {
    let dimension = uploads.updates.columns
    let count = uploads.clients.count
    guard count >= minimumClients else {
      return Delivery(
        updates: UpdateMatrix(zeros: 0, columns: dimension), items: [], bytesUp: 0,
        notes: [
          "\(name): \(count == 1 ? "1 client is" : "\(count) clients are") too few for "
            + (groups == 1 ? "a sum" : "\(groups) groups")
        ])
    }
    let order = groups > 1 ? generator.permutation(count) : Array(0..<count)
    var means: [Vector] = []
    var items: [Delivery.Item] = []
    var books = Delivery(
      updates: UpdateMatrix(zeros: 0, columns: dimension), items: [], bytesUp: 0)
    for group in 0..<groups {
      let members = order[(group * count / groups)..<((group + 1) * count / groups)].sorted()
      let encoded = try self.group(of: members, in: uploads, using: &generator, &books)
      guard let result = try adding(encoded, &generator, &books) else { continue }
      let decoded = try encoded.encoding.decode(result.sum)
      means.append(Vector(decoded.mean.map { Float($0) }))
      items.append(
        .init(
          clients: result.contributors.map { encoded.clients[$0] },
          count: result.contributors.count, weight: Double(decoded.totalWeight)))
    }
    books.updates =
      means.isEmpty ? UpdateMatrix(zeros: 0, columns: dimension) : try UpdateMatrix(rows: means)
    books.items = items
    books.countBytes()
    return books
  }

  /// The encoded updates of `members`.
  private func group(
    of members: [Int], in uploads: Uploads, using generator: inout Generator,
    _ books: inout Delivery
  ) throws -> Group {
    let encoding = try quantization.encoding(clients: members.count)
    let empty = RingVector(zeros: uploads.updates.columns + 1, in: encoding.ring)
    let streams = members.map { generator.fork("rounding", UInt64(uploads.clients[$0])) }
    let encoded = WorkerPool.map(members.count, workers: uploads.workers) { place, _ in
      var stream = streams[place]
      let row = members[place]
      let weight = UploadWeight.whole(uploads.weights[row], limit: quantization.maxWeight)
      do throws(EncodingError) {
        return Encoded(
          vector: try encoding.encode(
            uploads.updates.row(row), weight: weight ?? 0, using: &stream), refusal: nil)
      } catch {
        return Encoded(
          vector: empty, refusal: weight == nil ? "its weight is not positive" : "\(error)")
      }
    }
    UploadWeight.notes(members.map { uploads.weights[$0] }, limit: quantization.maxWeight).forEach {
      note($0, in: &books)
    }
    let silent = encoded.indices.filter { encoded[$0].refusal != nil }
    for place in silent {
      note("an update was not sent: \(encoded[place].refusal ?? "")", in: &books)
    }
    return Group(
      inputs: encoded.map(\.vector), silent: silent, encoding: encoding,
      clients: members.map { uploads.clients[$0] },
      round: members.map { uploads.startedRounds[$0] }.max() ?? 0, workers: uploads.workers)
  }

  private struct Encoded: Sendable {
    var vector: RingVector
    var refusal: String?
  }

  /// Says something of the round, once.
  package func note(_ text: String, in books: inout Delivery) {
    let line = "\(name): \(text)"
    if !books.notes.contains(line) { books.notes.append(line) }
  }
}

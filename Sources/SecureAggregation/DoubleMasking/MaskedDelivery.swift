internal import Components
internal import CryptoCore
internal import Federation
internal import Glibc
internal import Randomness
internal import Tensors

/// What every transport that masks has in common: updates as integers, groups, a session for each
/// group with real keys, and the books.
struct MaskedDelivery {
  /// What sums are made of.
  struct Quantization {
    /// Coordinates are clipped to -clip...clip.
    var clip: Double
    /// Bits of a coordinate.
    var bits: Int
    /// The largest weight.
    var maxWeight: Int

    func encoding(clients: Int) throws(EncodingError) -> FixedPointEncoding {
      try FixedPointEncoding(clip: clip, bits: bits, clients: clients, maxWeight: maxWeight)
    }
  }

  /// Graph and threshold for so many clients.
  typealias Topology = (_ clients: Int, _ generator: inout Generator) throws -> (
    graph: HararyGraph?, threshold: Int
  )

  /// The transport's name.
  let name: String
  let quantization: Quantization
  let security: MaskingSession.Security
  /// How many groups are added up, each by itself.
  let groups: Int

  /// The fewest clients of a round: two for one sum; three a group where there are several, since a
  /// client that learns the sum of two knows the other one's update.
  var minimumClients: Int { groups == 1 ? 2 : 3 * groups }

  /// The distance of two codes: rounding moves a coordinate by less, and so their mean.
  var resolution: Double { 2 * quantization.clip / (exp2(Double(quantization.bits)) - 2) }

  /// Checks the parameters that all masked transports have.
  static func check(clip: Double, bits: Int, maxWeight: Int, _ check: inout ParameterCheck) {
    check("clip", clip > 0 && (1e-30...1e30).contains(clip), "must be in 1e-30...1e30", got: clip)
    check("bits", (2...32).contains(bits), "must be in 2...32", got: bits)
    check(
      "max-weight", (1...1 << 30).contains(maxWeight), "must be in 1...2^30", got: maxWeight)
  }

  /// The sum of each group, as its mean and its weight.
  ///
  /// Groups are drawn anew each time, of sizes that differ by one at most. A client whose update
  /// cannot be encoded has nothing to send and drops out.
  func deliver(
    _ uploads: Uploads, using generator: inout Generator, topology: Topology
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
      let result = try sum(of: members, in: uploads, using: &generator, topology, &books)
      guard let result else { continue }
      means.append(result.mean)
      items.append(result.item)
    }
    books.updates =
      means.isEmpty ? UpdateMatrix(zeros: 0, columns: dimension) : try UpdateMatrix(rows: means)
    books.items = items
    books.countBytes()
    return books
  }

  /// One session: the mean of those of `members` that could send something, nil if it came to nothing.
  private func sum(
    of members: [Int], in uploads: Uploads, using generator: inout Generator,
    _ topology: Topology, _ books: inout Delivery
  ) throws -> (mean: Vector, item: Delivery.Item)? {
    let encoding = try quantization.encoding(clients: members.count)
    let (graph, threshold) = try topology(members.count, &generator)
    let dimension = uploads.updates.columns
    let session = try MaskingSession(
      id: SystemRandomness.bytes(32), security: security, clients: members.count,
      threshold: threshold, dimension: dimension + 1, ring: encoding.ring, graph: graph)
    let empty = RingVector(zeros: dimension + 1, in: encoding.ring)
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
    // Rounds in which nothing arrives stay in the books of the protocol.
    var local = try LocalAggregation(
      in: session, inputs: encoded.map(\.vector),
      dropouts: Dictionary(uniqueKeysWithValues: silent.map { ($0, .maskedInput) }),
      workers: uploads.workers)
    local.serverWorkers = 1
    let run = try local.run()
    books.costs.add(run.costs.filter { $0.messages > 0 || $0.cpuSeconds > 0 })
    guard let outcome = run.outcome else {
      note("no sum: \(run.abort.map { "\($0)" } ?? "the clients gave up")", in: &books)
      return nil
    }
    let decoded = try encoding.decode(outcome.sum)
    return (
      Vector(decoded.mean.map { Float($0) }),
      .init(
        clients: outcome.contributors.map { uploads.clients[members[$0]] },
        count: outcome.contributors.count, weight: Double(decoded.totalWeight))
    )
  }

  private struct Encoded: Sendable {
    var vector: RingVector
    var refusal: String?
  }

  private func note(_ text: String, in books: inout Delivery) {
    let line = "\(name): \(text)"
    if !books.notes.contains(line) { books.notes.append(line) }
  }
}

/// Which clients may be summed together, given who was before.
///
/// Every sum of a secure aggregation says one thing about its cohort; sums of several rounds, added
/// and subtracted, say more. Two cohorts that differ by one client tell that client's update as far
/// as the others send the same again.
///
///     var policy = try CohortPolicy(.batches([[0, 1, 2], [3, 4, 5]]), clients: 6)
///     try policy.admit([0, 1, 2])
///     try policy.admit([0, 1, 2, 3])      // throws: batch 1 would be split
///
/// Source: So, Ali, Güler, Jiao, Avestimehr 2023, *Securing Secure Aggregation: Mitigating
/// Multi-Round Privacy Leakage in Federated Learning* (AAAI 2023): batch partitioning and
/// multi-round privacy.
public struct CohortPolicy: Sendable, Hashable {
  /// What cohorts must have in common.
  public enum Rule: Sendable, Hashable {
    /// Any two cohorts are the same or differ in at least so many clients, and no cohort has fewer.
    ///
    /// This stops the subtraction of two sums, and of two only: with {v} ∪ A, {v} ∪ B and A ∪ B the
    /// first two sums less the third are twice v's update, however large A and B are.
    case minimumDifference(Int)
    /// Cohorts are unions of fixed batches that cover all clients once. Whatever is computed from
    /// any number of sums is a function of the sums of batches: a client hides in its batch for
    /// ever.
    case batches([[Int]])
  }

  /// What cohorts must have in common.
  public let rule: Rule
  /// How many clients there are; they are numbered from 0.
  public let clients: Int
  /// The cohorts admitted so far.
  public private(set) var history: [Set<Int>] = []

  /// A policy that has admitted nothing yet.
  ///
  /// - Throws: `CohortRefusal.invalid` for a difference below 2 or above the number of clients, or
  ///   batches that are not two or more clients each and all clients once.
  public init(_ rule: Rule, clients: Int) throws(CohortRefusal) {
    switch rule {
    case .minimumDifference(let minimum):
      guard minimum >= 2, minimum <= clients else {
        throw .invalid("a minimum difference of \(minimum) must be in 2...\(clients)")
      }
    case .batches(let batches):
      if let small = batches.firstIndex(where: { $0.count < 2 }) {
        throw .invalid("batch \(small) must have 2 clients or more")
      }
      guard batches.flatMap({ $0 }).sorted() == Array(0..<clients) else {
        throw .invalid("batches must have each of the clients 0..<\(clients) once")
      }
    }
    self.rule = rule
    self.clients = clients
  }

  /// Takes a cohort and remembers it.
  ///
  /// - Throws: `CohortRefusal`; nothing has changed then.
  /// - Complexity: O(clients · cohorts so far), of batches O(clients).
  public mutating func admit(_ cohort: [Int]) throws(CohortRefusal) {
    let members = Set(cohort)
    guard members.count == cohort.count, members.allSatisfy({ (0..<clients).contains($0) }) else {
      throw .invalid("a cohort must name clients of 0..<\(clients), each once")
    }
    switch rule {
    case .minimumDifference(let minimum):
      guard members.count >= minimum else {
        throw .tooSmall(have: members.count, needed: minimum)
      }
      for (index, earlier) in history.enumerated() {
        let difference = members.symmetricDifference(earlier).count
        guard difference == 0 || difference >= minimum else {
          throw .tooClose(to: index, difference: difference, needed: minimum)
        }
      }
    case .batches(let batches):
      guard !members.isEmpty else { throw .tooSmall(have: 0, needed: 2) }
      for (index, batch) in batches.enumerated() {
        let present = batch.count { members.contains($0) }
        guard present == 0 || present == batch.count else { throw .splitsBatch(index) }
      }
    }
    history.append(members)
  }
}

/// Why clients must not be summed together.
public enum CohortRefusal: Error, Sendable, Hashable, CustomStringConvertible {
  /// What was asked for has no meaning.
  case invalid(String)
  /// A sum of so few says too much about each.
  case tooSmall(have: Int, needed: Int)
  /// It differs in too few clients from the cohort of this place in the history.
  case tooClose(to: Int, difference: Int, needed: Int)
  /// It has some clients of a batch and not the others.
  case splitsBatch(Int)

  /// One sentence.
  public var description: String {
    switch self {
    case .invalid(let reason): reason
    case .tooSmall(let have, let needed):
      "the cohort has \(have) clients, \(needed) are needed"
    case .tooClose(let index, let difference, let needed):
      "the cohort differs from cohort \(index) in \(difference) "
        + "client\(difference == 1 ? "" : "s"), \(needed) are needed"
    case .splitsBatch(let batch): "the cohort splits batch \(batch)"
    }
  }
}

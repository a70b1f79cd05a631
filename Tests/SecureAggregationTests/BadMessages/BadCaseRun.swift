import CryptoCore
import SecureAggregation
import Synchronization

/// What came of a case: what was said, and the names of the reasons.
struct BadCaseFinding: Sendable {
  var reasons: [String] = []
  var result = ""
  var suspects: [Int] = []
  var refusals: [MessageRefusal] = []
  var aborts: [AggregationAbort] = []
}

/// Runs a case: everybody honest but whoever changes the one message.
final class BadCaseRun: Sendable {
  private let bad: BadCase
  private let example: MaskingCase
  private let kind: MessageKind
  private let from: Party
  private let to: Party
  /// What was sent between two parties in this session, and in one before it.
  private let sent = Recorder()
  private let before = Recorder()
  private let hands = Mutex<(isDone: Bool, held: [UInt8]?)>((false, nil))

  init(_ bad: BadCase, _ security: MaskingSession.Security) throws {
    self.bad = bad
    kind = try BadCase.kind(bad.message)
    from = try BadCase.party(bad.from)
    to = try BadCase.party(bad.to)
    example = try MaskingCase(
      clients: bad.clients, threshold: bad.threshold, security: security, bits: 23,
      graph: bad.degree.map { try HararyGraph(order: Array(0..<bad.clients), degree: $0) })
  }

  private func local(_ session: MaskingSession) throws -> LocalAggregation {
    var dropouts: [Int: MessageKind] = [:]
    for (client, kind) in bad.dropouts ?? [:] {
      dropouts[Int(client) ?? -1] = try BadCase.kind(kind)
    }
    return try LocalAggregation(
      in: session, inputs: example.inputs, dropouts: dropouts, identities: example.identities)
  }

  func run() throws -> BadCaseFinding {
    if bad.change.contains(where: { $0.do == "other session" }) {
      var earlier = try local(session("another"))
      earlier.network = { [before] in before.note($0, $1, $2) }
      _ = try earlier.run()
    }
    let failure = Mutex<(any Error)?>(nil)
    var local = try local(example.session)
    local.network = { [self] from, to, message in
      _ = sent.note(from, to, message)
      do { return try carry(from, to, message) } catch {
        failure.withLock { $0 = error }
        return [message]
      }
    }
    let run = try local.run()
    if let error = failure.withLock({ $0 }) { throw error }
    guard hands.withLock({ $0.isDone }) else {
      throw BadCaseError(reason: "no \(kind) went from \(from) to \(to)")
    }
    return try finding(run)
  }

  private func finding(_ run: LocalAggregation.Run) throws -> BadCaseFinding {
    var finding = BadCaseFinding()
    for (party, reason) in run.refusals {
      finding.reasons.append("\(party) refuses: \(reason)")
      finding.refusals.append(reason)
    }
    for (client, reason) in run.clientAborts.sorted(by: { $0.key < $1.key }) {
      finding.reasons.append("client \(client) ends: \(reason)")
      finding.aborts.append(reason)
    }
    if let abort = run.abort {
      finding.result = "the server ends: \(abort)"
      finding.aborts.append(abort)
    } else if let outcome = run.outcome {
      let isExact = try outcome.sum == example.plainSum(outcome.contributors)
      let names = outcome.contributors.map(String.init).joined(separator: ", ")
      finding.result = (isExact ? "sum of " : "a wrong sum of ") + names
      finding.suspects = outcome.suspects
    }
    return finding
  }

  // MARK: On the way

  private func carry(_ from: Party, _ to: Party, _ message: [UInt8]) throws -> [[UInt8]] {
    let held = hands.withLock { hands in
      defer {
        if until(message) { hands.held = nil }
      }
      return until(message) ? hands.held : nil
    }
    let arriving = held.map { [$0] } ?? []
    let isIt = hands.withLock { hands in
      guard !hands.isDone, from == self.from, to == self.to, message[4] == kind.rawValue else {
        return false
      }
      hands.isDone = true
      return true
    }
    guard isIt else { return arriving + [message] }
    return try changed(message) + (bad.thenOriginal == true ? [message] : [])
  }

  /// Whether this is the message before which one that is held back arrives.
  private func until(_ message: [UInt8]) -> Bool {
    guard let hold = bad.change.first(where: { $0.do == "hold" }),
      let kind = try? BadCase.kind(hold.message ?? "")
    else { return false }
    return message[4] == kind.rawValue
  }

  private func changed(_ original: [UInt8]) throws -> [[UInt8]] {
    var message = TamperedMessage(bytes: original)
    for step in bad.change {
      switch step.do {
      case "nothing": return [original]
      case "lose": return []
      case "twice": return [message.bytes, message.bytes]
      case "hold":
        let bytes = message.bytes
        hands.withLock { $0.held = bytes }
        return []
      case "recall": message.bytes = try sent.find(step, (kind, from, to))
      case "other session": message.bytes = try before.find(step, (kind, from, to))
      case "sign": message.bytes = try signed(message, step)
      default: try message.apply(step, kind, example.session.security)
      }
    }
    return [message.bytes]
  }

  /// The payload in an envelope of somebody's own, with a key that somebody has.
  private func signed(_ message: TamperedMessage, _ step: BadCase.Step) throws -> [UInt8] {
    let signer = try BadCase.party(step.by ?? bad.tamperer)
    let key: Ed25519.PrivateKey =
      switch signer {
      case .server: example.identities.server
      case .client(let id): example.identities.clients[id]
      }
    return Envelope.seal(
      message.payload, try step.kind.map(BadCase.kind) ?? kind,
      from: try step.from.map(BadCase.party) ?? from, to: try step.to.map(BadCase.party) ?? to,
      in: try session(step.session ?? "this"), by: key)
  }

  private func session(_ name: String) throws -> MaskingSession {
    let own = example.session
    guard name != "this" else { return own }
    return try MaskingSession(
      id: name == "another" ? SystemRandomness.bytes(32) : own.id,
      round: name == "another round" ? own.round + 1 : own.round, security: own.security,
      clients: own.clients, threshold: name == "other parameters" ? bad.clients : own.threshold,
      dimension: own.dimension, ring: own.ring, graph: own.graph)
  }
}

/// What was sent, by whom to whom.
private final class Recorder: Sendable {
  private let messages = Mutex<[(from: Party, to: Party, bytes: [UInt8])]>([])

  func note(_ from: Party, _ to: Party, _ message: [UInt8]) -> [[UInt8]] {
    messages.withLock { $0.append((from, to, message)) }
    return [message]
  }

  /// The message a step names, or the one of the same place as `usual`.
  func find(
    _ step: BadCase.Step, _ usual: (kind: MessageKind, from: Party, to: Party)
  ) throws -> [UInt8] {
    let kind = try step.message.map(BadCase.kind) ?? usual.kind
    let from = try step.from.map(BadCase.party) ?? usual.from
    let to = try step.to.map(BadCase.party) ?? usual.to
    let found = messages.withLock { all in
      all.first { $0.from == from && $0.to == to && $0.bytes[4] == kind.rawValue }
    }
    guard let found else { throw BadCaseError(reason: "no \(kind) went from \(from) to \(to)") }
    return found.bytes
  }
}

import SecureAggregation
import Tensors
import TestSupport
import Testing

@Suite("Bad messages, case by case")
struct BadMessageTests {
  static let files = BadCases.files

  /// One case in one variant, and what came of it.
  struct Run: Sendable {
    var file: String
    var bad: BadCase
    var variant: String
    var found: BadCaseFinding?
    var failure: String?
  }

  /// Every case in each of its variants.
  static let runs: [Run] = {
    let all = files.flatMap { file in
      file.cases.flatMap { bad in
        bad.variants.map { Run(file: file.name, bad: bad, variant: $0) }
      }
    }
    return WorkerPool.map(all.count, workers: 2) { index, _ in
      var run = all[index]
      do {
        guard let security = MaskingSession.Security(rawValue: run.variant) else {
          throw BadCaseError(reason: "no variant is called '\(run.variant)'")
        }
        run.found = try BadCaseRun(run.bad, security).run()
      } catch {
        run.failure = "\(error)"
      }
      return run
    }
  }()

  @Test("what is said is what the case says, word for word", arguments: files.map(\.name))
  func everyCase(name: String) throws {
    let runs = Self.runs.filter { $0.file == name }
    #expect(!runs.isEmpty, "\(name) cannot be read")
    for run in runs {
      let place: Comment = "\(name), \(run.variant): \(run.bad.what)"
      #expect(run.failure == nil, place)
      guard let found = run.found else { continue }
      #expect(found.reasons == run.bad.reasons, place)
      #expect(found.result == run.bad.result, place)
      #expect(found.suspects == run.bad.suspects ?? [], place)
    }
  }

  @Test("every message has cases in every variant that sends it, and every case of its own file")
  func messages() throws {
    let activeOnly: Set<MessageKind> = [.consistencySignature, .consistencyProof]
    for kind in MessageKind.allCases {
      let name = "bad_" + kind.description.split(separator: " ").joined(separator: "_")
      let cases = try #require(Self.files.first { $0.name == name }, "no \(name)").cases
      #expect(cases.allSatisfy { $0.message == kind.description })
      for security in MaskingSession.Security.allCases
      where security == .active || !activeOnly.contains(kind) {
        let own = cases.filter { $0.variants.contains(security.rawValue) }
        #expect(own.count >= 20, "\(own.count) cases of a \(kind), \(security.rawValue)")
        // By the network, by an insider, and by the message's own sender.
        let tamperers = Set(own.map(\.tamperer))
        #expect(tamperers.count >= 3, "\(kind): only \(tamperers) tamper")
      }
    }
    #expect(Self.files.count == MessageKind.allCases.count)
    let texts = Self.files.flatMap { file in file.cases.map { "\(file.name) \($0.what)" } }
    #expect(Set(texts).count == texts.count, "two cases of one file say the same")
  }

  @Test("every reason is reached by some case, or is known to be out of reach of messages")
  func reasons() throws {
    var refusals: Set<RefusalName> = []
    var aborts: Set<AbortName> = []
    var faults: Set<KeyFaultName> = []
    for found in Self.runs.compactMap(\.found) {
      refusals.formUnion(found.refusals.map(RefusalName.init))
      aborts.formUnion(found.aborts.map(AbortName.init))
      faults.formUnion(found.refusals.compactMap(KeyFaultName.init))
    }
    #expect(refusals == Set(RefusalName.allCases))
    #expect(faults == Set(KeyFaultName.allCases))
    #expect(aborts == Set(AbortName.allCases).subtracting(AbortName.beyondMessages.keys))
  }
}

/// The names of refusals. A refusal that is added does not compile until it stands here.
private enum RefusalName: CaseIterable {
  case truncated, overlong, notAnEnvelope, version, unknownKind, foreignSession, foreignRound
  case foreignParameters, unknownSender, foreignRecipient, badSignature, unexpected, duplicate
  case badKey, malformed

  init(_ refusal: MessageRefusal) {
    self =
      switch refusal {
      case .truncated: .truncated
      case .overlong: .overlong
      case .notAnEnvelope: .notAnEnvelope
      case .version: .version
      case .unknownKind: .unknownKind
      case .foreignSession: .foreignSession
      case .foreignRound: .foreignRound
      case .foreignParameters: .foreignParameters
      case .unknownSender: .unknownSender
      case .foreignRecipient: .foreignRecipient
      case .badSignature: .badSignature
      case .unexpected: .unexpected
      case .duplicate: .duplicate
      case .badKey: .badKey
      case .malformed: .malformed
      }
  }
}

private enum KeyFaultName: CaseIterable {
  case notCanonical, smallOrder, sameTwice, taken

  init?(_ refusal: MessageRefusal) {
    guard case .badKey(_, let fault) = refusal else { return nil }
    self =
      switch fault {
      case .notCanonical: .notCanonical
      case .smallOrder: .smallOrder
      case .sameTwice: .sameTwice
      case .taken: .taken
      }
  }
}

/// The names of the reasons to end a session.
private enum AbortName: CaseIterable {
  case tooFew, ownKeysReplaced, repeatedKey, unsignedKeys, badKey, unexpectedClient
  case declaredDropped, survivorWithoutShares, inconsistentSurvivors, tooFewSignatures, lostSecret
  case wrongInput

  /// What no message can bring about, and why.
  static let beyondMessages: [AbortName: String] = [
    .wrongInput: "a client finds it out about its own input, before it sends anything"
  ]

  init(_ abort: AggregationAbort) {
    self =
      switch abort {
      case .tooFew: .tooFew
      case .ownKeysReplaced: .ownKeysReplaced
      case .repeatedKey: .repeatedKey
      case .unsignedKeys: .unsignedKeys
      case .badKey: .badKey
      case .unexpectedClient: .unexpectedClient
      case .declaredDropped: .declaredDropped
      case .survivorWithoutShares: .survivorWithoutShares
      case .inconsistentSurvivors: .inconsistentSurvivors
      case .tooFewSignatures: .tooFewSignatures
      case .lostSecret: .lostSecret
      case .wrongInput: .wrongInput
      }
  }
}

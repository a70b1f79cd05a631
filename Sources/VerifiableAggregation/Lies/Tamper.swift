internal import Components

/// How the server of a transport whose sums are checked lies about a sum that it has computed.
public enum Tamper: String, CaseIterable, Codable, Hashable, Sendable {
  /// Not at all.
  case none
  /// It adds one to a coordinate.
  case wrongSum = "wrong-sum"
  /// It swaps two coordinates.
  case swappedCoordinates = "swapped-coordinates"
  /// It says that a client has dropped out.
  case droppedUser = "dropped-user"
  /// It announces the sum of an earlier session.
  case replayedAggregate = "replayed-aggregate"

  /// The lie in a round of training, counted from 0: it is told in round `only` alone, counted from
  /// 1, or in every round where that is 0.
  func told(in round: Int, only: Int) -> Tamper {
    only == 0 || only == round + 1 ? self : .none
  }

  /// The parameters that say who checks and how the server lies.
  static let parameters: [Card.Parameter] = [
    .init("verifiers", "how many clients check the sum, 0 for all", range: "0 or more"),
    .init(
      "tamper", "how the server lies about the sum",
      range: allCases.map(\.rawValue).joined(separator: ", ")),
    .init("tamper-round", "in which round it lies, 0 for every round", range: "0 or more"),
  ]

  /// Checks the values of these parameters.
  static func check(verifiers: Int, round: Int, _ check: inout ParameterCheck) {
    check("verifiers", verifiers >= 0, "must be 0 or more", got: verifiers)
    check("tamper-round", round >= 0, "must be 0 or more", got: round)
  }
}

/// What clients that checked a sum and refuse it know.
struct SharedRefusal {
  /// The transport.
  let name: String
  /// How many clients checked.
  let verifiers: Int
  /// Why they refuse, one entry a client that does.
  let reasons: [String]
  /// Whether some of them were shown what no honest server shows.
  let blamesServer: Bool

  /// One sentence: how many, why, and who can know what.
  var sentence: String {
    "\(name): \(reasons.count) of \(verifiers) clients that checked refuse the sum: "
      + Set(reasons).sorted().joined(separator: "; ")
      + (blamesServer
        ? "; who is shown something else than it sent knows that the server lied, the others cannot"
          + " tell who did"
        : "; they know that the server or a client lied, and cannot tell which")
  }
}

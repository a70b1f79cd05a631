public import PrivateTraining

/// Why a round could not go on.
public enum FederationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A rule needs more updates to withstand that many faults.
  case tooFewUpdates(rule: String, received: Int, faults: Int, required: Int)
  /// An exact search over sets of updates takes more branches than it may; what the rule advises.
  case searchTooLarge(
    rule: String, updates: Int, faults: Int, limit: Int,
    advice: String = "lower f, raise search-limit, or take a rule that does not search")
  /// An honest client's training left the finite numbers although nobody attacks.
  case trainingDiverged(client: Int, round: Int, learningRate: Double)
  /// A component produced an update that does not fit the model.
  case wrongSize(component: String, got: Int, expected: Int)
  /// A component produced another number of updates than it had to.
  case wrongCount(component: String, got: Int, expected: Int)
  /// A sampler drew a client that cannot take part, or drew one twice.
  case invalidCohort(sampler: String, client: Int)
  /// A sampler does not fit the clients there are.
  case unfitSampler(sampler: String, problem: String)
  /// Two components want the same position.
  case positionTaken(position: String, first: String, second: String)
  /// A component stands in a role where no position of the round can take it.
  case noPosition(component: String, role: String)
  /// A component would change nothing beside another that does its work in a way of its own.
  case withoutEffect(component: String, beside: String)
  /// An attack asked for what its threat model does not grant.
  case notGranted(component: String, what: String)
  /// A component concluded something that is no number.
  case notFinite(component: String, what: String)
  /// A component cannot exist in this scenario.
  case refused(Refusal)
  /// A model lacks the part that a component works on.
  case unsuitableModel(component: String, problem: String)
  /// A client cannot train privately as the options ask.
  case privateTraining(client: Int, PrivateTrainingError)
  /// An empty or ill-matched set of updates was handed to a rule.
  case invalidUpdates(String)

  /// What happened and what would work, in one line.
  public var description: String {
    switch self {
    case .tooFewUpdates(let rule, let received, let faults, let required):
      "\(rule) with f = \(faults) needs at least \(required) updates, got \(received); "
        + "lower f or raise the number of clients"
    case .searchTooLarge(let rule, let updates, let faults, let limit, let advice):
      "\(rule) with f = \(faults) of \(updates) updates takes more than \(limit) branches of its "
        + "exact search; \(advice)"
    case .trainingDiverged(let client, let round, let learningRate):
      "training diverged: client \(client) produced a non-finite update in round \(round) with "
        + "nobody attacking; a learning-rate below \(learningRate) may work"
    case .wrongSize(let component, let got, let expected):
      "\(component) made an update of \(got) coordinates; the model has \(expected)"
    case .wrongCount(let component, let got, let expected):
      "\(component) made \(got) updates where \(expected) were due"
    case .invalidCohort(let sampler, let client):
      "\(sampler) drew client \(client), which is not available or is in the cohort already"
    case .unfitSampler(let sampler, let problem): "\(sampler): \(problem)"
    case .positionTaken(let position, let first, let second):
      "'\(first)' and '\(second)' both want to be the \(position); name one of them"
    case .noPosition(let component, let role):
      "'\(component)' has no position in the round as \(role)"
    case .withoutEffect(let component, let other):
      "'\(component)' changes how clients train by epochs, and '\(other)' trains in a way of its own; use "
        + "fedavg"
    case .notGranted(let component, let what):
      "\(component) asked for \(what), which its threat model does not grant"
    case .notFinite(let component, let what):
      "\(component) concluded a \(what) that is not finite"
    case .refused(let refusal): "\(refusal)"
    case .unsuitableModel(let component, let problem): "\(component): \(problem)"
    case .privateTraining(let client, let error): "dp-sgd at client \(client): \(error)"
    case .invalidUpdates(let message): message
    }
  }
}

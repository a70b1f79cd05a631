/// A small experiment in which an attack must pass its control: a model and data of its paper's kind,
/// without any defense, with all granted that a server may know and do. `rampart doctor` runs it.
public struct ControlSetting: Codable, Sendable, Hashable {
  /// The attack's parameters, as an experiment writes them: `{updates: 2, steps: 100}`; nil for its
  /// defaults.
  public var parameters: String?
  /// The model, as an experiment writes it.
  public var model: String
  /// The data, as an experiment writes them.
  public var data = "digits"
  /// Examples of each client's step.
  public var batch = 1
  /// Local training; nil for one step on `batch` examples.
  public var algorithm: String?
  /// More options of training, each after a comma.
  public var training = ""
  /// Clients, each with an equal share at random.
  public var clients = 10
  /// How examples are shared out instead; nil for equal shares at random.
  public var partition: String?
  /// The transport.
  public var transport = "plain"
  /// Rounds.
  public var rounds = 1

  /// A setting; what is left out is plain.
  public init(
    parameters: String? = nil, model: String, data: String = "digits", batch: Int = 1,
    algorithm: String? = nil, training: String = "", clients: Int = 10, partition: String? = nil,
    transport: String = "plain", rounds: Int = 1
  ) {
    self.parameters = parameters
    self.model = model
    self.data = data
    self.batch = batch
    self.algorithm = algorithm
    self.training = training
    self.clients = clients
    self.partition = partition
    self.transport = transport
    self.rounds = rounds
  }

  /// In words.
  public var words: String {
    "\(data), \(model), batch \(batch)" + (transport == "plain" ? "" : ", \(transport)")
  }
}

/// What a scenario may grant somebody who reads along, beyond the model and what is sent.
extension Capability {
  /// The labels of the client's examples, by an oracle.
  public static let exampleLabels = Capability(rawValue: "the clients' labels")
  /// How often each class occurs in the client's batch.
  public static let labelCounts = Capability(rawValue: "the clients' label counts")
  /// How many examples an update was computed on.
  public static let batchSize = Capability(rawValue: "the batch size")
  /// In which order local steps took the examples.
  public static let batchOrder = Capability(rawValue: "the order of the clients' batches")
  /// Learning rate, momentum and steps of local training.
  public static let trainingParameters = Capability(rawValue: "the clients' hyper-parameters")
  /// Mean and variance of the client's batch in every batch norm.
  public static let batchStatistics = Capability(rawValue: "the clients' batch-norm statistics")
  /// How inputs are normalised, which says which values are valid pixels.
  public static let inputNormalisation = Capability(rawValue: "the input normalisation")
  /// Data like the clients', not theirs.
  public static let publicData = Capability(rawValue: "public data")
  /// How the clients' defenses change their updates.
  public static let defenseModels = Capability(rawValue: "the clients' defenses")
  /// Sending clients other weights than the model's.
  public static let weightModification = Capability(rawValue: "modified weights")
  /// Sending clients another architecture.
  public static let architectureModification = Capability(rawValue: "a modified architecture")
  /// Examples about which a membership attack is asked, without what they are.
  public static let candidates = Capability(rawValue: "candidate examples")
}

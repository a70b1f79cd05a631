public import Components

extension Capability {
  /// Each client's update by itself.
  public static let individualUpdates = Capability(rawValue: "individual updates")
  /// Weighted sums of groups of a round's updates, with the total weight of each: what rules for
  /// updates can work on in their place, though one colluder spoils its group.
  public static let groupSums = Capability(rawValue: "group sums")
  /// What each client claims of how its update was made: its steps and the model it started from.
  public static let claims = Capability(rawValue: "clients' claims")
  /// The weighted sum of a round's updates and the total weight.
  public static let sum = Capability(rawValue: "the sum")
  /// Which client an update came from.
  public static let clientIdentity = Capability(rawValue: "client identities")
  /// The global model of every round.
  public static let globalModel = Capability(rawValue: "the global model")
  /// That no example belongs to two clients: what inference about a client's members rests on.
  public static let disjointClients = Capability(rawValue: "clients that share no example")
  /// The updates the honest clients of the round send.
  public static let honestUpdates = Capability(rawValue: "honest clients' updates")
  /// The updates that some of the round's honest clients send.
  public static let someHonestUpdates = Capability(rawValue: "some honest clients' updates")
  /// How the server aggregates, so that an attack can try it out.
  public static let aggregationRule = Capability(rawValue: "the aggregation rule")
  /// Clean examples that the server itself holds.
  public static let rootData = Capability(rawValue: "the server's root data")
  /// The clean updates the colluders would have sent.
  public static let ownUpdates = Capability(rawValue: "the colluders' own updates")
  /// The colluders' own training data, which they may change.
  public static let ownData = Capability(rawValue: "the colluders' own data")
}

extension Claim {
  /// The order of the updates does not matter.
  public static let permutationInvariant = Claim(rawValue: "permutation invariant")
  /// Adding one vector to every update adds it to the result.
  public static let translationEquivariant = Claim(rawValue: "translation equivariant")
  /// Scaling every update by a positive number scales the result.
  public static let scaleEquivariant = Claim(rawValue: "scale equivariant")
  /// Rotating or mirroring every update does the same to the result.
  public static let orthogonallyEquivariant = Claim(rawValue: "orthogonally equivariant")
  /// Equal updates give that update.
  public static let idempotent = Claim(rawValue: "idempotent")
  /// Every coordinate of the result lies between the least and the greatest of the updates.
  public static let inCoordinateHull = Claim(rawValue: "in the coordinate hull")
  /// With f = 0 the result is the plain mean.
  public static let meanWithoutFaults = Claim(rawValue: "mean at f = 0")
  /// f updates at any distance move the result by a bounded amount.
  public static let boundedUnderFaults = Claim(rawValue: "bounded under f faults")
}

extension Role {
  /// What colluding clients or a curious party do.
  public static let attack = Role(rawValue: "attack")
  /// What protects the model or the data.
  public static let defense = Role(rawValue: "defense")
  /// Local training, sampling, server step and the other parts of a federated algorithm.
  public static let algorithm = Role(rawValue: "algorithm")
  /// How updates travel and what that reveals.
  public static let transport = Role(rawValue: "transport")
}

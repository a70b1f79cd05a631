extension Scaffold {
  static let defenseTemplate = """
    public import Components
    public import Federation
    public import Randomness
    internal import Tensors

    /// One sentence: what the rule does. (As written: the mean without the longest update.)
    ///
    ///     TYPE(x; f) = mean of the n - f updates of least norm
    ///
    /// Which guarantee it has, under which assumptions, and how it fails.
    ///
    /// Example: f = 1 on (1, 0), (3, 0), (9, 9) gives (2, 0).
    ///
    /// Source: the paper, its section.
    public struct TYPE: Aggregator, FaultBounded {
      /// Name, meaning, source and promises.
      public static let card = Card(
        name: "NAME",
        summary: "The mean of the n-f updates of least norm.",
        formula: "1/(n-f) Σ of the n-f shortest x_i",
        citation: "the paper, its section",
        needs: [.individualUpdates],
        claims: [.permutationInvariant, .scaleEquivariant, .idempotent, .meanWithoutFaults],
        parameters: [
          .init("f", "bad updates to withstand", range: "0 ≤ f < n/2, or 'assumed'")
        ])

      /// The parameters in force.
      public let parameters: FaultParameters

      /// The rule with these parameters.
      public init(checked parameters: FaultParameters) { self.parameters = parameters }

      /// 2f + 1.
      public func minimumUpdates(faults: Int) -> Int { 2 * faults + 1 }

      /// State the complexity here.
      public func aggregate(
        _ view: AggregationView, using generator: inout Generator, memory: inout Memory
      ) -> Aggregation {
        let n = view.updates.count
        let norms = (0..<n).map { view.updates.squaredNorm($0) }
        let shortest = (0..<n).sorted { (norms[$0], $0) < (norms[$1], $1) }.prefix(n - view.faults)
        return .mean(of: Array(shortest), count: n, scores: norms)
      }
    }

    """

  static let defenseTestTemplate = """
    import Defenses
    import Federation
    import Testing

    @Suite("TYPE")
    struct TYPETests {
      @Test("the worked example of the documentation holds")
      func example() throws {
        let result = try TYPE(f: 1).aggregate([[1, 0], [3, 0], [9, 9]])
        #expect(result == [2, 0])
      }

      @Test("too few updates for f are refused by name")
      func tooFew() {
        #expect(
          throws: FederationError.tooFewUpdates(rule: "NAME", received: 2, faults: 1, required: 3)
        ) {
          try TYPE(f: 1).aggregate([[1], [2]])
        }
      }
    }

    """

  static let attackTemplate = """
    public import Components
    public import Federation
    public import Randomness
    internal import Tensors

    /// One sentence: what the colluders send. (As written: their own updates, reversed.)
    ///
    ///     m_i = -scale · x_i
    ///
    /// Why it works, and against which rules it does not.
    ///
    /// Example: scale 3 turns (1, -2) into (-3, 6).
    ///
    /// Source: the paper, its section.
    public struct TYPE: Corruption {
      /// What may be set.
      public struct Parameters: Codable, Hashable, Sendable {
        /// How much longer than the clean update the crafted one is.
        public var scale = 3.0
      }

      /// Name, meaning, source and the control it must pass.
      public static let card = Card(
        name: "NAME",
        summary: "Every colluder sends its own clean update reversed and scaled.",
        formula: "m_i = -scale · x_i",
        citation: "the paper, its section",
        needs: [.ownUpdates],
        control: .accuracyLoss(),
        parameters: [.init("scale", "length of the crafted update", range: "greater than 0")])

      /// The default strength.
      public static let defaults = Parameters()

      /// The parameters in force.
      public let parameters: Parameters

      /// The attack with these parameters.
      public init(_ parameters: Parameters) throws {
        var check = ParameterCheck()
        check.positive("scale", parameters.scale)
        try check.finish()
        self.parameters = parameters
      }

      /// The attack at this scale.
      public init(scale: Double) throws { try self.init(Parameters(scale: scale)) }

      /// State the complexity here.
      public func craft(
        _ view: CorruptionView, using generator: inout Generator, memory: inout Memory
      ) -> [CraftedUpdate] {
        view.colluders.indices.map { row in
          var delta = view.own.row(row)
          delta.scale(by: -Float(parameters.scale))
          return CraftedUpdate(delta)
        }
      }
    }

    """

  static let attackTestTemplate = """
    import Attacks
    import Federation
    import Testing

    @Suite("TYPE")
    struct TYPETests {
      @Test("the worked example of the documentation holds")
      func example() throws {
        let attack = try TYPE(scale: 3)
        let crafted = try attack.crafted(own: [[1, -2]], honest: [[5, 5]])
        #expect(crafted == [[-3, 6]])
      }

      @Test("a scale that is not positive is refused by name")
      func badScale() {
        #expect(throws: (any Error).self) { try TYPE(scale: 0) }
      }
    }

    """
}

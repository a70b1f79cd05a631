/// A side of a benchmark: something that works for a while and says how it went.
public struct Side {
  /// Who: `2 processes x 1 thread`.
  public let name: String
  /// Works for about this many seconds and returns the figure.
  public let run: (_ seconds: Double) throws -> Double

  /// A side called `name`.
  public init(_ name: String, _ run: @escaping (_ seconds: Double) throws -> Double) {
    self.name = name
    self.run = run
  }
}

/// How long to measure.
public struct Effort: Sendable, Codable, Hashable {
  /// Rounds; in each every side works once.
  public let rounds: Int
  /// Seconds of a side in a round.
  public let seconds: Double
  /// Seconds of a side before the first round, not counted.
  public let warmUp: Double

  /// As given.
  public init(rounds: Int, seconds: Double, warmUp: Double) {
    self.rounds = rounds
    self.seconds = seconds
    self.warmUp = warmUp
  }

  /// What a claim needs.
  public static let full = Effort(rounds: 7, seconds: 1.5, warmUp: 0.5)
  /// Enough to see that everything runs, too little for any claim.
  public static let smoke = Effort(rounds: 1, seconds: 0.02, warmUp: 0)

  /// Runs all sides in turn, round by round, so that they share the machine's state. Every second
  /// round goes backwards: then no side always follows the same other one.
  public func measure(_ sides: [Side]) throws -> [Series] {
    if warmUp > 0 { for side in sides { _ = try side.run(warmUp) } }
    var figures = [[Double]](repeating: [], count: sides.count)
    for round in 0..<rounds {
      let order = round.isMultiple(of: 2) ? Array(sides.indices) : sides.indices.reversed()
      for index in order { figures[index].append(try sides[index].run(seconds)) }
    }
    return figures.map(Series.init)
  }
}

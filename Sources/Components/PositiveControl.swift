/// What an attack must achieve with no defense in its way before any defense may claim to stop it.
///
/// Most attacks must cost accuracy. One that hides, or that harms only the rules it was made for, can
/// act as designed without that; its author says by what else it is seen to act:
///
///     control: .accuracyLoss().or(.displacement())
///
/// The bounds are tried in order and the first that is reached counts. An attack that does nothing
/// reaches none of them.
public struct PositiveControl: Codable, Sendable, Hashable {
  /// What is measured, in the cell of the attack and no defense.
  public enum Measure: Codable, Sendable, Hashable {
    /// Test accuracy lost after the last round, paired by seed with the clean twin.
    case accuracyLoss
    /// How far crafted updates moved the plain mean, in place of the colluders' own ones: squared, as
    /// a multiple of what exchanging the colluders for other honest clients would do in expectation,
    /// on average over the rounds.
    case displacement
    /// The share of test examples of one class that are recognised, likewise lost.
    case recallLoss(class: Int)
    /// A figure of this name that an observer concludes.
    case figure(String)

    /// What the measure is called.
    public var name: String {
      switch self {
      case .accuracyLoss: "accuracy"
      case .displacement: "displacement"
      case .recallLoss(let label): "recall of class \(label)"
      case .figure(let name): name
      }
    }
  }

  /// What is measured.
  public var measure: Measure
  /// The least value that passes.
  public var minimum: Double
  /// The bound as a sentence.
  public var summary: String
  /// Whether the control is run in the plainest setting of the experiment: its first algorithm, and
  /// the first transport that shows single updates, if it has one. For attacks that algorithms and
  /// transports hide from as defenses do: these are then judged like defenses.
  public private(set) var isInPlainestSetting = false
  /// A small experiment in which the bound must be reached; nil for an attack that has none.
  public private(set) var setting: ControlSetting?
  /// What counts if this bound is missed, in order; none of them has alternatives of its own.
  public private(set) var alternatives: [PositiveControl] = []

  /// `measure` must reach `minimum`.
  public init(_ measure: Measure, minimum: Double, summary: String) {
    self.measure = measure
    self.minimum = minimum
    self.summary = summary
  }

  /// All bounds in one line.
  public var sentence: String {
    ([summary] + alternatives.map(\.sentence)).joined(separator: "; or ")
  }

  /// This bound, or if it is missed `other`.
  public func or(_ other: PositiveControl) -> PositiveControl {
    var (both, next) = (self, other)
    next.alternatives = []
    both.alternatives += [next] + other.alternatives
    return both
  }

  /// The same bound, to be reached in the plainest setting of the experiment.
  public var inPlainestSetting: PositiveControl {
    var copy = self
    copy.isInPlainestSetting = true
    return copy
  }

  /// The same bound, and a small experiment in which it must be reached.
  public func tried(in setting: ControlSetting) -> PositiveControl {
    var copy = self
    copy.setting = setting
    return copy
  }

  /// Poisoning: the undefended model must lose at least this much accuracy (a fraction of 1).
  public static func accuracyLoss(atLeast minimum: Double = 0.1) -> PositiveControl {
    PositiveControl(
      .accuracyLoss, minimum: minimum,
      summary: "undefended accuracy falls by at least \(Int((minimum * 100).rounded())) points")
  }

  /// Hiding: the plain mean must move at least this many times as far, squared, as exchanging the
  /// colluders for other honest clients would move it in expectation.
  ///
  /// Colluders that send their own clean updates move it by 0, ones that send those of strangers by
  /// about 1, and f that all copy one of equal clients by (f + 1)/2.
  public static func displacement(atLeast minimum: Double = 1.25) -> PositiveControl {
    PositiveControl(
      .displacement, minimum: minimum,
      summary: "the plain mean moves at least \(minimum) times as far (squared) as with honest "
        + "clients in the colluders' places")
  }

  /// Poisoning of one class: at least this share of its test examples must be lost (a fraction of 1).
  public static func recallLoss(
    ofClass label: Int, atLeast minimum: Double = 0.1
  ) -> PositiveControl {
    PositiveControl(
      .recallLoss(class: label), minimum: minimum,
      summary: "undefended recall of class \(label) falls by at least "
        + "\(Int((minimum * 100).rounded())) points")
  }

  /// Inference: a figure that the attack's observer concludes must reach this undefended.
  public static func figure(
    _ name: String, atLeast minimum: Double, summary: String
  ) -> PositiveControl {
    PositiveControl(.figure(name), minimum: minimum, summary: summary)
  }
}

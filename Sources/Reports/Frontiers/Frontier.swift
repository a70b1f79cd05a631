internal import Experiments

/// Utility against a privacy figure of which less is better: one point a defense (or whatever else
/// varies), those that nothing beats in both marked.
struct Frontier: Sendable {
  /// What the figure is.
  var figure: Figure
  /// The attack it was seen under; nil for promises, audits and the worst of all attacks.
  var attack: String?
  /// What tells its setting apart from those of other frontiers.
  var setting: [AxisLabel]
  /// Its points from the least figure up; those without a bound come last.
  var points: [Point]
  /// Points that are left out, with the reason: `krum (void)`.
  var leftOut: [String]

  /// A figure of privacy or of an attack's success.
  enum Figure: Sendable, Hashable {
    /// The epsilon promised, of this unit and adjacency.
    case accounted(String)
    /// The epsilon that an audit proved.
    case audited
    /// The share of canaries recognised.
    case canaries
    /// The share of members recognised, under this name.
    case membership(String)
    /// A figure that observers concluded, under this name.
    case observed(String)
    /// Accuracy lost to the worst attack that counts.
    case attackLoss
  }

  /// A defense.
  struct Point: Sendable {
    /// What it is: the labels that vary.
    var label: String
    /// The label without parameters that all points of the same components share; set by the
    /// frontier.
    var short = ""
    /// The cell that the figure is from.
    var cell: Int
    /// Its figure; nil where it is without bound.
    var privacy: Estimate?
    /// Final accuracy when nobody attacks.
    var accuracy: Estimate
    /// More about it: mechanism, trust and delta, or the worst attack.
    var note: String
    /// Whether it is no defense at all.
    var isUndefended: Bool
    /// Whether nobody who knows the defense has tried, which is no evidence.
    var isNonAdaptive: Bool
    /// Where it stands; set by `judge`.
    var standing = Standing.dominated
  }

  /// Where a point stands among the others.
  enum Standing: String, Sendable, CaseIterable {
    /// No other is at least as good in both means and better in one.
    case optimal = "Pareto-optimal"
    /// Some other is, but none whose intervals lie apart from its own in both.
    case near = "within the intervals"
    /// Some other is better in both, with intervals apart.
    case dominated
    /// Not counted: non-adaptive only.
    case uncounted = "non-adaptive only"
  }

  init(
    figure: Figure, attack: String?, setting: [AxisLabel], points: [Point], leftOut: [String]
  ) {
    self.figure = figure
    self.attack = attack
    self.setting = setting
    self.points = points.sorted { ($0.x, -$0.accuracy.mean) < ($1.x, -$1.accuracy.mean) }
    self.leftOut = leftOut
    for (index, short) in ShortLabels.of(self.points.map(\.label)).enumerated() {
      self.points[index].short = short
    }
    judge()
  }

  /// O(points²).
  private mutating func judge() {
    let counted = points.filter { !$0.isNonAdaptive }
    for index in points.indices {
      let own = points[index]
      if own.isNonAdaptive {
        points[index].standing = .uncounted
      } else if !counted.contains(where: { $0.beats(own) }) {
        points[index].standing = .optimal
      } else {
        points[index].standing =
          counted.contains { $0.clearlyBeats(own) } ? .dominated : .near
      }
    }
  }

  /// The Pareto-optimal points, from the least figure up.
  var optimal: [Point] { points.filter { $0.standing == .optimal } }

  /// The setting as text; empty where there is one only.
  var settingText: String { setting.map { "\($0.axis) \($0.label)" }.joined(separator: ", ") }
}

extension Frontier.Point {
  /// The figure's mean; infinite where it is without bound.
  var x: Double { privacy?.mean ?? .infinity }

  /// The figure's interval.
  var reach: ClosedRange<Double> { privacy?.interval ?? .infinity ... .infinity }

  /// At least as good in both means, and better in one.
  func beats(_ other: Self) -> Bool {
    x <= other.x && accuracy.mean >= other.accuracy.mean
      && (x < other.x || accuracy.mean > other.accuracy.mean)
  }

  /// Better in both, the intervals apart.
  func clearlyBeats(_ other: Self) -> Bool {
    reach.upperBound < other.reach.lowerBound
      && accuracy.interval.lowerBound > other.accuracy.interval.upperBound
  }
}

extension Frontier {
  /// What its axis is called.
  var axisTitle: String {
    switch figure {
    case .accounted: "accounted epsilon"
    case .audited: "audited epsilon, at least"
    case .canaries: "canaries recognised at FPR ≤ 0.1"
    case .membership(let name): "membership, \(name)"
    case .observed(let name): name
    case .attackLoss: "accuracy lost to the worst attack, points"
    }
  }

  /// `Accuracy against accounted epsilon`.
  var title: String {
    let under = attack.map { " under \($0)" } ?? ""
    let place = setting.isEmpty ? "" : ", \(settingText)"
    switch figure {
    case .accounted(let unit): return "Accuracy against accounted epsilon, by \(unit)\(place)"
    case .attackLoss: return "Accuracy against what the worst attack costs\(place)"
    default: return "Accuracy against \(axisTitle)\(under)\(place)"
    }
  }

  /// What the figure is, in a sentence.
  var meaning: String {
    switch figure {
    case .accounted:
      "Epsilon is accounted for all rounds together, its certified upper end; without a promise it "
        + "is without bound."
    case .audited:
      "What an attack on a run proved epsilon to be at least. A small figure is no promise: another "
        + "attack may prove more."
    case .canaries:
      "The share of canaries recognised where at most a tenth of those that were not in are taken "
        + "for members; guessing gives 0.1."
    case .membership:
      "The share of members recognised at that false positive rate, by the worse of the attackers "
        + "tried."
    case .observed:
      "What the attack concluded, the worse of the attackers tried; larger is worse for the defender."
    case .attackLoss:
      "Of the attacks that count, the one that costs the defense the most accuracy, paired by seed "
        + "with nobody attacking."
    }
  }

  /// The factor from stored to shown figures: shares are shown in points.
  var scale: Double { figure == .attackLoss ? 100 : 1 }

  /// Decimals of shown figures.
  var digits: Int {
    switch figure {
    case .attackLoss: 1
    case .accounted, .audited: 2
    default: points.contains { ($0.privacy?.maximum ?? 0) > 2 } ? 1 : 3
    }
  }

  /// A figure as text with its spread: `1.32 ±0.05`, `without bound`.
  func text(_ privacy: Estimate?) -> String {
    guard let privacy else { return "without bound" }
    func number(_ value: Double) -> String { Numbers.fixed(value * scale, digits: digits) }
    if privacy.minimum == privacy.maximum { return number(privacy.mean) }
    if let halfWidth = privacy.halfWidth { return "\(number(privacy.mean)) ±\(number(halfWidth))" }
    return "\(number(privacy.mean)) (\(number(privacy.minimum))–\(number(privacy.maximum)))"
  }
}

extension Frontier {
  /// Everything but the chart, in the units of the rows.
  var json: JSONText {
    .object([
      ("title", .text(title)), ("figure", .text(axisTitle)), ("attack", .text(ifAny: attack)),
      (
        "points",
        .list(
          points.map { point in
            .object([
              ("label", .text(point.label)), ("cell", .integer(point.cell)),
              ("figure", Report.json(point.privacy)), ("accuracy", Report.json(point.accuracy)),
              ("note", .text(point.note)), ("standing", .text(point.standing.rawValue)),
            ])
          })
      ),
      ("leftOut", .list(leftOut.map { .text($0) })),
    ])
  }
}

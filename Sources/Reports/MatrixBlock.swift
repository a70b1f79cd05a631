internal import Experiments

/// A value on an axis.
struct AxisLabel: Sendable, Hashable {
  var axis: Axis
  var label: String
}

/// The cells of one combination of everything but attack and defense: one table, a row a defense
/// and a column an attack.
struct MatrixBlock: Sendable {
  /// Its place among the blocks, from 0.
  var index: Int
  /// Its labels on the axes that tell blocks apart.
  var setting: [AxisLabel]
  /// Its columns; the clean one first, the others in the order of the matrix.
  var attacks: [Column]
  /// Its rows in the order of the matrix.
  var defenses: [Row]

  /// An attack.
  struct Column: Sendable {
    /// The attack's label.
    var label: String
    /// Whether nobody attacks.
    var isClean: Bool
    /// What the attack had to achieve undefended, and whether it did; nil when nothing is asked.
    var control: Control?
  }

  /// A defense.
  struct Row: Sendable {
    /// The defense's label.
    var label: String
    /// Whether it is the plain rule that stands for no defense.
    var isUndefended: Bool
    /// Its cells, one a column; nil where the plan has none.
    var cells: [BlockCell?]
    /// Its cell of lowest mean accuracy among the attacks that count.
    var worst: Worst?
    /// What it costs when nobody attacks: how far its clean cell falls short.
    var cleanCost: Estimate? { cells.compactMap { $0 }.first(where: \.isClean)?.shortfall }
    /// Whether stages of it get groups' sums in place of updates, which makes it weaker.
    var isOnGroups: Bool {
      cells.contains { $0?.summary.description.stagesOnGroups != nil }
    }
    /// Whether none of its cells can exist.
    var isImpossible: Bool {
      cells.allSatisfy { $0.map { $0.summary.verdict == .notApplicable } ?? true }
    }
  }

  /// The cell that a defense does worst in.
  struct Worst: Sendable {
    /// Its column.
    var column: Int
    /// Its final accuracy.
    var accuracy: Estimate
    /// Whether cells are missing, so that the true worst may be lower still.
    var isUpperBound: Bool
  }

  /// An attack's positive control.
  struct Control: Sendable {
    /// Its bounds with what was seen undefended, where that is known.
    var result: ControlResult
    /// `.valid` when passed, else why not.
    var verdict: MatrixResults.Verdict

    /// The bound that counts: the first that was reached, else the first.
    var reading: ControlResult.Reading { result.reading }
  }

  /// The block's setting as text; empty for an only block.
  var title: String { setting.map { "\($0.axis) \($0.label)" }.joined(separator: ", ") }

  /// The defenses that get groups' sums in place of updates.
  var onGroups: [String] { defenses.filter { $0.isOnGroups && !$0.isImpossible }.map(\.label) }

  /// What that means for them, after their names.
  static let groupsMeaning =
    "on sums of groups in place of updates: weaker, since a colluder spoils its whole group"

  /// All cells with their places.
  var cells: [(row: Int, column: Int, cell: BlockCell)] {
    defenses.indices.flatMap { row in
      attacks.indices.compactMap { column in
        defenses[row].cells[column].map { (row, column, $0) }
      }
    }
  }
}

/// A cell with its seeds and what follows from its neighbours.
struct BlockCell: Sendable {
  /// Its summary over the seeds.
  var summary: MatrixResults.CellSummary
  /// Its seeds in order.
  var rows: [MatrixResults.Row]
  /// How far its final accuracy is below that of the undefended cell that nobody attacks, paired by
  /// seed: what attack and defense cost together.
  var shortfall: Estimate?
  /// Where it stands among the defenses against its attack.
  var standing: Standing?
  /// Whether the defense withstood the attack.
  var outcome: Outcome?

  /// Where a cell stands in its column.
  enum Standing: String, Sendable {
    /// The highest mean, its interval overlapping no other's.
    case best
    /// The highest mean or one whose interval overlaps that one's: no winner.
    case tied
  }

  /// Whether a defense withstood an attack, by the bound the attack itself had to pass.
  enum Outcome: String, Sendable {
    /// The whole interval of the accuracy lost lies below the bound.
    case held
    /// The whole interval lies at the bound or above.
    case broke
    /// The bound lies inside the interval.
    case undecided
  }

  /// How many seeds finished.
  var finished: Int { rows.count { $0.status == .done } }

  /// The figure may be shown, though perhaps with a mark.
  var accuracy: Estimate? {
    switch summary.verdict {
    case .clean, .valid, .void: summary.accuracy
    case .pending: finished == rows.count ? summary.accuracy : nil
    case .failed, .notApplicable: nil
    }
  }
}

extension Estimate {
  /// The 95% t interval, or below five seeds the range.
  var interval: ClosedRange<Double> {
    guard let halfWidth else { return minimum...maximum }
    return (mean - halfWidth)...(mean + halfWidth)
  }
}

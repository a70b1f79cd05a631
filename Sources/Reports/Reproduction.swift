internal import Experiments

/// How to run one cell again.
extension Report {
  /// The command that runs `cell` with its seeds, its clean twin and control coming along by
  /// themselves; the experiment is `EXPERIMENT.yaml` where the store did not keep its file.
  func command(for cell: MatrixResults.CellSummary, seeds: [UInt64]) -> String {
    let file = results.origin.file ?? "EXPERIMENT.yaml"
    var words = ["rampart", "matrix"] + (file.isEmpty ? [] : [file])
    for (axis, asked) in askedLabels where asked.count > 1 {
      let label = cell.label(axis)
      // What came along by itself comes along with any entry that was asked for.
      words += ["--only", "\(axis)=\(asked.contains(label) ? label : asked[0])"]
    }
    words += ["--seeds", seeds.map { "\($0)" }.joined(separator: ",")]
    words += ["--out", "\(results.folder)-cell-\(cell.cell)"]
    return words.map(Self.shellWord).joined(separator: " ")
  }

  /// The labels on each axis that the experiment asked for.
  static func askedLabels(_ results: MatrixResults) -> [(axis: Axis, labels: [String])] {
    let asked = results.cells.filter { !$0.description.isCompanion }
    return Axis.allCases.map { axis in (axis, distinct(asked.map { $0.label(axis) })) }
  }

  /// `word` as a shell takes it, quoted where it must be.
  package static func shellWord(_ word: String) -> String {
    let isPlain = word.unicodeScalars.allSatisfy { scalar in
      scalar.isASCII
        && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
          || "-_=./+,:".unicodeScalars.contains(scalar))
    }
    return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }
}

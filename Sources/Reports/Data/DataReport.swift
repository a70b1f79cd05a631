internal import Datasets
public import Experiments

/// A form in which data are shown.
public enum DataFormat: String, CaseIterable, Sendable {
  /// For a terminal: figures, and clients against classes as a picture.
  case text
  /// One row a client, or without partitions one row a class, for other programs.
  case csv
  /// Everything, for other programs.
  case json
}

/// What data are and how partitions share them out, as text, a figure or for other programs.
///
///     let survey = try DataSurvey(try Experiment.builtIn())
///     print(DataReport(survey).text(.text))
///
/// A pure function of the survey.
public struct DataReport: Sendable {
  /// What is shown.
  public let survey: DataSurvey

  /// A report on `survey`.
  public init(_ survey: DataSurvey) { self.survey = survey }

  /// The report in `format`; ends with a line end. `options` concern `text` alone.
  public func text(_ format: DataFormat, options: ReportOptions = ReportOptions()) -> String {
    switch format {
    case .text: DataText(survey: survey, options: options).lines.joined(separator: "\n") + "\n"
    case .csv: csv()
    case .json: json()
    }
  }

  /// A figure fit for a paper: for each partition the clients' shares of the classes and their sizes,
  /// side by side. SVG 1.1 in one file, without scripts or style sheets; nil without partitions.
  public func figure() -> String? {
    let panels = survey.entries.flatMap { entry in
      entry.divisions.map { DataFigure.Panel(entry: entry, division: $0) }
    }
    return panels.isEmpty ? nil : DataFigure(panels: panels).svg
  }
}

/// The clients and classes of a division that a picture has room for.
struct DivisionSample {
  /// The clients to show: all in their order, or, of too many, some evenly spaced by distance, from
  /// the one most like everybody.
  let clients: [Int]
  /// How many are not shown.
  let hidden: Int
  /// The classes of each column, neighbours together where there are too many.
  let columns: [Range<Int>]
  private let labelCounts: [[Int]]
  private let sizes: [Int]

  /// At most `rows` clients and `columns` columns, each at least 1.
  init(_ division: DataSurvey.Division, rows: Int, columns most: Int) {
    let statistics = division.statistics
    let count = statistics.sizes.count
    if count <= rows {
      clients = Array(0..<count)
    } else {
      let order = (0..<count).sorted {
        (statistics.distances[$0], $0) < (statistics.distances[$1], $1)
      }
      clients = (0..<rows).map { order[$0 * (count - 1) / max(rows - 1, 1)] }
    }
    hidden = count - clients.count
    let classes = statistics.poolCounts.count
    let span = (classes + most - 1) / most
    columns = stride(from: 0, to: classes, by: span).map { $0..<min($0 + span, classes) }
    labelCounts = statistics.labelCounts
    sizes = statistics.sizes
  }

  /// The part of the client's examples that has a class of this column.
  func share(_ client: Int, _ column: Range<Int>) -> Double {
    let size = sizes[client]
    return size == 0 ? 0 : Double(labelCounts[client][column].reduce(0, +)) / Double(size)
  }
}

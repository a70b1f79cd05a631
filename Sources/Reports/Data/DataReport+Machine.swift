internal import Components
internal import Datasets
internal import Experiments
internal import FileFormats
internal import Learning

extension DataReport {
  /// One row a client under a header: data, partition, seed, client, examples, emd, divergence, then
  /// its examples of each class as `class0`, `class1` …, empty beyond the data's classes. Without
  /// partitions one row a part and class: data, part, class, name, examples.
  func csv() -> String {
    let entries = survey.entries
    guard entries.contains(where: { !$0.divisions.isEmpty }) else {
      var lines = [CSV.line(["data", "part", "class", "name", "examples"])]
      for entry in entries {
        for (part, examples) in [("train", entry.split.train), ("test", entry.split.test)] {
          for (index, count) in examples.labelCounts.enumerated() {
            let names = entry.split.classNames
            let name = names.isEmpty ? "" : names[index]
            lines.append(CSV.line([entry.label, part, "\(index)", name, "\(count)"]))
          }
        }
      }
      return lines.joined(separator: "\n") + "\n"
    }
    let classes = entries.map(\.split.train.classes).max() ?? 0
    let columns = ["data", "partition", "seed", "client", "examples", "emd", "divergence"]
    var lines = [CSV.line(columns + (0..<classes).map { "class\($0)" })]
    for entry in entries {
      for division in entry.divisions {
        let statistics = division.statistics
        for client in statistics.sizes.indices {
          let counts = statistics.labelCounts[client].map(String.init)
          lines.append(
            CSV.line(
              [
                entry.label, division.partition, "\(survey.seed)", "\(client)",
                "\(statistics.sizes[client])", "\(statistics.distances[client])",
                "\(statistics.divergences[client])",
              ] + counts + [String](repeating: "", count: classes - counts.count)))
        }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// One object with everything.
  func json() -> String {
    JSONText.object([
      ("seed", .seed(survey.seed)), ("data", .list(survey.entries.map(Self.record))),
    ]).encoded(depth: 6) + "\n"
  }

  private static func record(_ entry: DataSurvey.Entry) -> JSONText {
    let split = entry.split
    return .object([
      ("name", .text(split.name)), ("label", .text(entry.label)),
      ("shape", integers(split.train.shape)), ("classes", .integer(split.train.classes)),
      ("classNames", .list(split.classNames.map { .text($0) })),
      ("attribution", .text(split.attribution)),
      ("normalise", .text(split.normalisation.method.rawValue)),
      ("sha256", .text(split.digest)),
      ("train", part(split.train, entry.train)), ("test", part(split.test, entry.test)),
      ("groups", split.groups.map { .integer($0.names.count) } ?? .null),
      ("partitions", .list(entry.divisions.map(record))),
    ])
  }

  private static func part(_ examples: LabeledExamples, _ values: FeatureStatistics) -> JSONText {
    .object([
      ("examples", .integer(examples.count)), ("labelCounts", integers(examples.labelCounts)),
      ("minimum", .number(Double(values.minimum))), ("maximum", .number(Double(values.maximum))),
      ("mean", .number(values.mean)), ("standardDeviation", .number(values.standardDeviation)),
    ])
  }

  private static func record(_ division: DataSurvey.Division) -> JSONText {
    let statistics = division.statistics
    let sizes = statistics.sizeSummary
    return .object([
      ("partition", .text(division.partition)), ("sha256", .text(statistics.digest)),
      ("clients", .integer(statistics.sizes.count)),
      ("sizes", integers(statistics.sizes)),
      ("minimumSize", .integer(sizes.minimum)), ("medianSize", .number(sizes.median)),
      ("maximumSize", .integer(sizes.maximum)), ("meanSize", .number(sizes.mean)),
      ("sizeStandardDeviation", .number(sizes.standardDeviation)),
      ("disjoint", .boolean(statistics.isDisjoint)), ("overlap", .integer(statistics.overlap)),
      ("leftOut", .integer(statistics.leftOut)),
      ("shiftedClients", .integer(division.shiftedClients)),
      ("meanEMD", .number(statistics.meanDistance)),
      ("maximumEMD", .number(statistics.maximumDistance)),
      ("meanDivergence", .number(statistics.meanDivergence)),
      ("emd", .list(statistics.distances.map { .number($0) })),
      ("divergence", .list(statistics.divergences.map { .number($0) })),
      ("labelCounts", .list(statistics.labelCounts.map(integers))),
    ])
  }

  private static func integers(_ values: [Int]) -> JSONText {
    .list(values.map { .integer($0) })
  }
}

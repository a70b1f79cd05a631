import Experiments
import Reports
import Testing

/// A reader of RFC 4180 that refuses what the grammar does not allow.
struct StrictCSV {
  struct Malformed: Error {
    var offset: Int
    var why: String
  }

  var records: [[String]] = []

  init(_ text: String) throws {
    var record: [String] = []
    var field = ""
    var quoted = false
    var closed = false
    var start = true
    for (offset, scalar) in text.unicodeScalars.enumerated() {
      if quoted {
        if scalar == "\"" {
          (quoted, closed) = (false, true)
        } else {
          field.unicodeScalars.append(scalar)
        }
        continue
      }
      switch scalar {
      case "\"" where start: (quoted, start) = (true, false)
      case "\"" where closed:
        field += "\""
        (quoted, closed) = (true, false)
      case "\"": throw Malformed(offset: offset, why: "a quote inside a plain field")
      case ",", "\n":
        record.append(field)
        (field, start, closed) = ("", true, false)
        if scalar == "\n" {
          records.append(record)
          record = []
        }
      default:
        if closed { throw Malformed(offset: offset, why: "text after a closing quote") }
        field.unicodeScalars.append(scalar)
        start = false
      }
    }
    if quoted { throw Malformed(offset: text.count, why: "an open quote at the end") }
    if !record.isEmpty || !field.isEmpty {
      throw Malformed(offset: text.count, why: "no line end at the end")
    }
  }
}

@Suite("CSV report")
struct CSVTests {
  @Test("a strict reader gets back every label and figure", arguments: SampleReport.allCases)
  func roundTrip(_ sample: SampleReport) throws {
    let results = sample.results
    let records = try StrictCSV(Report(results).text(.csv)).records
    let names = Report.csvColumns.map(\.name)
    let perTarget = results.targets.flatMap { target in
      ["rounds", "time", "bytesUp", "bytesDown"].map { "\($0)To\(target)" }
    }
    #expect(records.first == names + perTarget)
    #expect(records.count == results.rows.count + 1)
    for (record, row) in zip(records.dropFirst(), results.rows) {
      try #require(record.count == names.count + perTarget.count)
      let fields = Dictionary(uniqueKeysWithValues: zip(names, record))
      for axis in Axis.allCases {
        #expect(fields[axis.rawValue] == row.description.labels[axis.rawValue])
      }
      #expect(fields["cell"] == "\(row.cell)")
      #expect(fields["seed"] == "\(row.seed)")
      #expect(fields["status"] == row.status.rawValue)
      #expect(Double(fields["finalAccuracy"] ?? "") == row.metrics?.finalAccuracy)
      #expect(Double(fields["finalLoss"] ?? "") == row.metrics?.finalLoss)
      #expect(Double(fields["accuracyLoss"] ?? "") == row.accuracyLoss)
      #expect(Double(fields["colluderExclusionRate"] ?? "") == row.metrics?.colluderExclusionRate)
      #expect(Int(fields["bytesUp"] ?? "") == row.metrics?.bytesUp)
      #expect(fields["reason"] == row.reason ?? "")
    }
  }

  @Test("columns stand in the documented order, and each says what it holds")
  func columns() {
    #expect(
      Report.csvColumns.map(\.name) == [
        "cell", "data", "partition", "population", "model", "training", "algorithm", "transport",
        "threat",
        "attack", "defense", "seed", "role", "status", "verdict", "finalAccuracy",
        "lastAccuracyMean", "peakAccuracy", "finalLoss", "cleanAccuracy", "accuracyLoss",
        "heldRounds", "honestExclusionRate", "colluderExclusionRate", "exclusionPrecision",
        "largestDeviation", "robustnessBound", "robustnessSlack", "worstClient", "displacement",
        "queries",
        "bytesUp", "bytesDown",
        "worstTenth", "unsteadiness", "largestDrop", "virtualTime", "clientMessages",
        "clientCPUSeconds", "serverMessages", "serverCPUSeconds",
        "privacyMechanism", "privacyTrust", "privacyUnit", "privacyAdjacency", "privacyDelta",
        "privacyEpsilonUpper", "privacyEpsilonStated", "privacyAuditEpsilonLower",
        "privacyAuditGaussianEpsilonLower", "privacyAuditSignificance", "privacyAuditCanaries",
        "privacyAuditGuesses", "privacyAuditCorrect", "privacyAuditFalsePositiveRate",
        "privacyAuditTruePositiveRate", "privacyAuditMembers", "privacyAuditRecognised",
        "privacyAuditTruePositiveRateLower", "privacyAuditTruePositiveRateUpper",
        "privacyAuditTruePositiveRateCap",
        "privacyTPRCapAtFPR0.001", "privacyTPRCapAtFPR0.01", "privacyTPRCapAtFPR0.1",
        "wallSeconds", "reason",
      ])
    #expect(Report.csvColumns.allSatisfy { !$0.meaning.isEmpty })
  }

  @Test("what another machine, folder or hour changes shows in no column but the Seconds")
  func timeFree() throws {
    var results = SyntheticMatrix.everyCell.results
    let before = try StrictCSV(Report(results).text(.csv)).records
    results.folder = "/elsewhere"
    results.versions = ["9.9"]
    results.blasCores = ["Zen"]
    for index in results.rows.indices { results.rows[index].seconds = 1234.5 }
    let after = try StrictCSV(Report(results).text(.csv)).records
    let times = Set(
      Report.csvColumns.indices.filter { Report.csvColumns[$0].name.hasSuffix("Seconds") })
    #expect(before != after)
    for (left, right) in zip(before, after) {
      for column in left.indices where !times.contains(column) {
        #expect(left[column] == right[column])
      }
    }
  }
}

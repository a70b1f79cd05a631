internal import Experiments
internal import Federation

/// What determines a cell, what it promised, and how to run it again.
extension Report {
  /// Data, configuration hashes, versions and the command.
  func origin(_ cell: BlockCell) -> Markup {
    if cell.summary.verdict == .notApplicable { return "" }
    let seeds = cell.rows.map(\.seed)
    let keys = cell.rows.compactMap { row -> Markup? in
      row.key.map { "<li>seed \("\(row.seed)"): \(.code(String($0.prefix(16))))</li>" }
    }
    let digest = cell.summary.description.dataDigest.map { digest -> Markup in
      "<p>Data fingerprint \(.code(String(digest.prefix(16)))).</p>"
    }
    let hashes: Markup =
      keys.isEmpty
      ? "" : "<p>Configuration, by SHA-256 (first 16 digits):</p><ul class=\"hashes\">\(keys)</ul>"
    let versions = Self.distinct(cell.rows.compactMap(\.version))
    let cores = Self.distinct(cell.rows.compactMap(\.blasCore))
    let mixed: Markup =
      versions.count > 1 || cores.count > 1
      ? "<p>Made by versions \(versions.list()) on BLAS kernels \(cores.list()).</p>" : ""
    return """
      \(digest ?? "")\(hashes)\(mixed)
      <p>Run this cell again: \(.code(command(for: cell.summary, seeds: seeds)))</p>
      """
  }

  /// What the runs of a cell promise about privacy and what was proved of it.
  func ledger(_ cell: BlockCell) -> Markup {
    let own = cell.rows.compactMap { row in row.metrics?.privacy.map { (row.seed, $0) } }
    if own.isEmpty { return "" }
    let columns = PrivacyColumns.all.filter { column in
      own.contains { column.value($0.1) != nil }
    }
    let heads = own.map { "<th scope=\"col\">seed \("\($0.0)")</th>" as Markup }
    let rows = columns.map { column -> Markup in
      let cells = own.map { "<td>\(Self.text(column.value($0.1)))</td>" as Markup }
      // Columns of one meaning tell their rate in the name alone.
      let rate = column.name.split(separator: "FPR").last.flatMap { Double($0) }
      let meaning = column.meaning + (rate.map { ", \($0)" } ?? "")
      return "<tr><th scope=\"row\">\(meaning)</th>\(cells)</tr>"
    }
    let caption =
      "Privacy ledger of \(cell.summary.label(.attack)) against \(cell.summary.label(.defense))"
    return .scrolling(
      """
      <table class="seeds ledger">
      <caption><span>\(caption)</span></caption>
      <thead><tr><th scope="col">What</th>\(heads)</tr></thead>
      <tbody>
      \(rows.joined("\n"))
      </tbody>
      </table>
      """, label: caption)
  }

  private static func text(_ value: PrivacyColumns.Value?) -> String {
    switch value {
    case .text(let text): text
    case .number(let number):
      abs(number) < 1e-3 && number != 0 ? "\(number)" : Numbers.fixed(number, digits: 4)
    case .integer(let integer): "\(integer)"
    case nil: "–"
    }
  }
}

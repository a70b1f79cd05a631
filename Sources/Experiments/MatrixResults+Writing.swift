extension MatrixResults {
  /// Writes the plan and what is finished of it into the run directory `folder`, by the store's own
  /// writer: what reading it again gives. Rows made in code get a key of cell and seed.
  ///
  /// - Throws: `ConfigurationError` when the folder cannot be written or holds another experiment.
  package func write(to folder: String) throws {
    let store = try ResultStore(creatingIn: folder)
    try store.adopt(name: name, identity: name)
    try store.set(targets: targets)
    let keyed = rows.map { (row: $0, key: $0.key ?? "\($0.cell)-\($0.seed)") }
    try store.extend(
      plan: keyed.map { row, key in
        ResultStore.PlanRow(cell: row.cell, seed: row.seed, key: key, description: row.description)
      })
    for (row, key) in keyed where row.status == .done || row.status == .failed {
      try store.save(
        ResultStore.ResultRow(
          key: key, metrics: row.metrics, error: row.status == .failed ? row.reason : nil,
          seconds: row.seconds ?? 0, version: row.version ?? versions.first ?? "",
          blasCore: row.blasCore ?? blasCores.first ?? ""))
    }
  }
}

internal import Components

/// Joins run directories of one experiment, such as the shards of a job array.
public enum MatrixMerge {
  /// Copies plan and results of `sources` into `target`, which may hold results of the same
  /// experiment already. Nothing is removed or overwritten.
  ///
  /// - Returns: How many results `target` gained.
  /// - Throws: `ConfigurationError` when they belong to different experiments.
  public static func merge(_ sources: [String], into target: String) throws -> Int {
    let stores = try sources.map { try ResultStore(existingIn: $0) }
    var identities: [(folder: String, name: String, identity: String)] = []
    for store in stores {
      guard let identity = try store.meta("experiment") else {
        throw ConfigurationError("'\(store.folder)' holds no experiment yet; run it first", at: nil)
      }
      identities.append((store.folder, try store.meta("name") ?? "experiment", identity))
    }
    guard let first = identities.first else {
      throw ConfigurationError("nothing to merge; name at least one run directory", at: nil)
    }
    for other in identities.dropFirst() where other.identity != first.identity {
      throw ConfigurationError(
        "'\(other.folder)' and '\(first.folder)' hold different experiments; merge only shards "
          + "of one", at: nil)
    }
    let destination = try ResultStore(creatingIn: target)
    try destination.adopt(name: first.name, identity: first.identity)
    if let targets = try stores.first?.targets { try destination.set(targets: targets) }
    for store in stores { try destination.add(try store.origin) }
    let before = try destination.finishedKeys().count
    for store in stores {
      try destination.extend(plan: try store.plan())
      let results = try store.results()
      for key in results.keys.sorted() {
        if let row = results[key] {
          try destination.save(row, tensors: try store.tensors(of: key))
        }
      }
    }
    return try destination.finishedKeys().count - before
  }
}

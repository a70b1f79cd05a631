internal import CommandLineTools
internal import Components
internal import Experiments
internal import Federation

extension Selection {
  /// What `--only`, `--seeds` and `--shard` choose.
  init(_ arguments: ParsedArguments) throws {
    self.init(unsharded: arguments)
    if let part = arguments.part("shard") { shard = (part.index - 1, part.count) }
  }

  /// What `--only` and `--seeds` choose.
  init(unsharded arguments: ParsedArguments) {
    self.init(only: arguments.pairs("only"))
    if let list = arguments.ints("seeds") {
      var distinct: [UInt64] = []
      for seed in list.map({ UInt64($0) }) where !distinct.contains(seed) { distinct.append(seed) }
      seeds = distinct
    }
  }

  /// What `--only` chooses; an axis given twice means either.
  init(only pairs: [(key: String, value: String)]) {
    self.init()
    for (key, value) in pairs {
      guard let axis = Axis(rawValue: key) else { continue }
      only[axis, default: []].append(value)
    }
  }
}

extension Experiment {
  /// The experiment in `path`, or the built-in one.
  static func load(_ path: String?) throws -> Experiment {
    if let path { try Experiment.read(path: path) } else { try Experiment.builtIn() }
  }
}

/// For completion: the axes, each with the names its entries may have.
func axisWords() -> [(key: String, values: [String])] {
  Axis.allCases.map { axis in
    (axis.rawValue, axis.role.map { Catalogue.standard.types($0).map { $0.card.name } } ?? [])
  }
}

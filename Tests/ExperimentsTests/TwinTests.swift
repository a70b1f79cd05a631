import Experiments
import TestSupport
import Testing

/// The orderings of the tables behind the presets, on the small versions of them in
/// `experiments/twins`. A difference counts if its 95% t interval, paired by seed, leaves out zero.
/// What a table shows and its twin does not is said in the twin.
@Suite("The tables of robust aggregation", .enabled(if: isOptimizedBuild), .serialized)
struct TwinTests {
  /// Five attackers of 25 with sorted labels, every attack against every rule.
  @Test("Karimireddy 2022: centered clipping leads, bucketing helps, momentum lifts and sinks")
  func bucketing() throws {
    let (krum, median) = ("krum", "median")
    let rfa = "geometric-median(iterations=8, variant=smoothed)"
    let clipping = "centered-clipping(clipping-radius=1, iterations=3)"
    let scaledClipping = "centered-clipping(iterations=3)"
    let momentum = "client-momentum(variant=undampened)+"
    let attacks = ["sign-flip", "label-flip", "mimic", "ipm(epsilon=0.1)", "alie"]
    let rules = [krum, median, rfa, clipping]
    let twin = try Twin(
      "karimireddy-2022-mnist",
      only: [
        .defense: rules + rules.map { "bucketing+" + $0 }
          + [krum, rfa, scaledClipping, "bucketing+" + rfa].map { momentum + $0 }
      ])

    for attack in attacks {
      for rule in [krum, median, rfa] {
        try expectNotLess(
          twin.accuracies(clipping, attack), than: twin.accuracies(rule, attack),
          "clipping over \(rule), \(attack)")
        try expectNotLess(
          twin.accuracies("bucketing+" + clipping, attack),
          than: twin.accuracies("bucketing+" + rule, attack),
          "clipping over \(rule) in buckets, \(attack)")
      }
      for rule in [krum, rfa] {
        try expectMore(
          twin.accuracies(momentum + scaledClipping, attack),
          than: twin.accuracies(momentum + rule, attack),
          "clipping over \(rule) with momentum, \(attack)")
      }
      try expectMore(
        twin.accuracies(momentum + scaledClipping, attack),
        than: twin.accuracies(clipping, attack), "clipping with momentum, \(attack)")
    }

    // RFA under IPM: less than half of what it has without an attack, unless in buckets.
    let ipm = "ipm(epsilon=0.1)"
    for prefix in ["", momentum] {
      let half = try twin.accuracies(prefix + rfa, "none").map { $0 / 2 }
      let attacked = try twin.accuracies(prefix + rfa, ipm)
      try expectMore(half, than: attacked, "\(prefix)rfa collapses")
      let bucketed = try twin.accuracies(prefix + "bucketing+" + rfa, ipm)
      try expectMore(bucketed, than: half, "\(prefix)rfa in buckets does not")
    }

    for rule in [rfa, clipping] {
      try expectMore(
        twin.accuracies(rule, "label-flip"), than: twin.accuracies(krum, "label-flip"),
        "krum falls behind \(rule) under flipped labels")
    }
    for attack in ["none", "label-flip"] {
      try expectMore(
        twin.accuracies(krum, attack), than: twin.accuracies(momentum + krum, attack),
        "momentum sinks krum, \(attack)")
    }
    for rule in [krum, median, rfa, clipping] {
      try expectMore(
        twin.accuracies(rule, "none"), than: twin.accuracies(rule, "mimic"), "mimic hurts \(rule)")
    }

    // Bucketing helps in nearly every cell: on average in all but one at most, by the interval in
    // three quarters, and it harms by the interval in none.
    let gains = try rules.flatMap { rule in
      try attacks.map {
        try difference(
          twin.accuracies("bucketing+" + rule, $0), twin.accuracies(rule, $0))
      }
    }
    #expect(gains.count == 20)
    #expect(gains.count { $0.mean > 0 } >= 19)
    #expect(gains.count { $0.mean > 0 && $0.excludesZero } >= 15)
    #expect(!gains.contains { $0.mean < 0 && $0.excludesZero })
  }

  /// Twenty-four honest clients, alike or with sorted labels.
  @Test("Karimireddy 2022: rules that pick or take medians pay where clients differ")
  func noAttack() throws {
    let twin = try Twin("karimireddy-2022-mnist-no-attack")
    let clipping = "centered-clipping(clipping-radius=1, iterations=3)"
    let rfa = "geometric-median(iterations=8, variant=smoothed)"
    func accuracies(_ rule: String, sorted: Bool) throws -> [Double] {
      let partition = sorted ? "shards(clients=24, shards-per-client=1)" : "iid(clients=24)"
      return try twin.accuracies(rule, "none", [.partition: partition])
    }
    func cost(_ rule: String) throws -> [Double] {
      try zip(accuracies(rule, sorted: false), accuracies(rule, sorted: true)).map(-)
    }
    let nothing = try accuracies("mean", sorted: true).map { _ in 0.0 }
    for rule in ["krum", "median", rfa] {
      try expectMore(cost(rule), than: nothing, "sorted labels cost \(rule)")
      try expectNotLess(cost(rule), than: cost(clipping), "\(rule) pays as much as clipping")
    }
    for rule in ["krum", "median", rfa, clipping] {
      try expectMore(
        accuracies("bucketing+" + rule, sorted: true), than: accuracies(rule, sorted: true),
        "bucketing gives \(rule) back")
    }
  }

  /// Five attackers of 25, alike or with sorted labels. Krum is left out: with sorted labels it has
  /// little to lose.
  @Test("Karimireddy 2022: mimic hurts where clients differ")
  func mimic() throws {
    let rules = [
      "median", "geometric-median(iterations=8, variant=smoothed)",
      "centered-clipping(clipping-radius=1, iterations=3)",
    ]
    let twin = try Twin("karimireddy-2022-mnist-mimic", only: [.defense: rules])
    func cost(_ rule: String, _ partition: String) throws -> [Double] {
      try zip(
        twin.accuracies(rule, "none", [.partition: partition]),
        twin.accuracies(rule, "mimic", [.partition: partition])
      ).map(-)
    }
    for rule in rules {
      try expectMore(
        cost(rule, "shards(clients=25, shards-per-client=1)"), than: cost(rule, "iid(clients=25)"),
        "mimic against \(rule)")
    }
  }

  /// Eleven attackers of 25 clients that are alike. With five, ALIE does nothing here.
  @Test("Karimireddy 2021: without momentum attacks sink all but centered clipping")
  func history() throws {
    let rules = ["median", "trimmed-mean", "geometric-median(variant=smoothed)", "krum"]
    let clipping = "centered-clipping(clipping-radius=1)"
    let momenta = ["", "client-momentum+", "client-momentum(beta=0.99)+"]
    let twin = try Twin("karimireddy-2021-cifar10", only: [.threat: ["attackers=11"]])
    let ipm = "ipm(epsilon=0.1)"
    for rule in rules {
      let half = try twin.accuracies(rule, "none").map { $0 / 2 }
      for attack in ["alie", ipm] {
        try expectMore(half, than: twin.accuracies(rule, attack), "\(rule) collapses, \(attack)")
        for momentum in momenta {
          try expectNotLess(
            twin.accuracies(momentum + clipping, attack),
            than: twin.accuracies(momentum + rule, attack),
            "clipping over \(momentum)\(rule), \(attack)")
        }
        // Krum stays at the bottom under IPM, as in the table.
        for momentum in momenta.dropFirst() where (rule, attack) != ("krum", ipm) {
          try expectMore(
            twin.accuracies(momentum + rule, attack), than: twin.accuracies(rule, attack),
            "\(momentum)\(rule), \(attack)")
        }
      }
    }
    // Clipping holds: more than half of what it has without an attack, with momentum even of ALIE.
    let half = try twin.accuracies(clipping, "none").map { $0 / 2 }
    try expectMore(twin.accuracies(clipping, ipm), than: half, "clipping, IPM")
    for momentum in momenta.dropFirst() {
      try expectMore(twin.accuracies(momentum + clipping, "alie"), than: half, "clipping, ALIE")
    }
  }

  /// Three honest clients and one whose update makes the mean of all four zero.
  @Test("ByzFL's README: clipping, mixing and trimming learn where the mean cannot")
  func readme() throws {
    let twin = try Twin("byzfl-mnist-readme")
    let stack = "client-momentum+clipping+nnm+trimmed-mean"
    let attack = "ipm(epsilon=3)"
    try expectMore(twin.accuracies(stack, attack), than: twin.accuracies("mean", attack), "stack")
    try expectMore(
      twin.accuracies(stack, attack), than: twin.accuracies("mean", "none").map { $0 / 2 },
      "more than half of an honest mean")
  }

  /// Clipping and mixing before the trimmed mean, under the worst of three attacks. Attackers keep
  /// their data to themselves, so accuracy falls without any attack: what counts besides is how far
  /// it falls below that of a mean to which they send zeros.
  @Test("ByzFL's heat map: the worst case falls with attackers and with differences")
  func heatMap() throws {
    let stack = "client-momentum+clipping+nnm+trimmed-mean"
    let partitions = [
      "iid(clients=14)", "dominant-label(clients=14, rho=0.34)",
      "shards(clients=14, shards-per-client=1)",
    ]
    let (one, four) = ("attackers=1", "default")
    let twin = try Twin(
      "byzfl-mnist-heatmap",
      only: [.partition: partitions, .threat: [one, four], .defense: [stack]])
    func worst(_ partition: String, _ threat: String) throws -> [Double] {
      let cell = [Axis.partition: partition, .threat: threat]
      return try ["opt-ipm(variant=positive)", "opt-alie(variant=positive)"].reduce(
        twin.accuracies(stack, "sign-flip(variant=mean)", cell)
      ) { worst, attack in try zip(worst, twin.accuracies(stack, attack, cell)).map { min($0, $1) }
      }
    }
    func harm(_ partition: String, _ threat: String) throws -> [Double] {
      let cell = [Axis.partition: partition, .threat: threat]
      return try zip(twin.accuracies("mean", "constant", cell), worst(partition, threat)).map(-)
    }
    for partition in partitions.dropFirst() {
      try expectMore(worst(partition, one), than: worst(partition, four), "attackers, \(partition)")
      try expectMore(harm(partition, four), than: harm(partition, one), "harm, \(partition)")
    }
    for threat in [one, four] {
      for (less, more) in zip(partitions, partitions.dropFirst()) {
        try expectMore(worst(less, threat), than: worst(more, threat), "\(threat), \(more)")
      }
      for more in partitions.dropFirst() {
        try expectMore(
          harm(more, threat), than: harm(partitions[0], threat), "harm, \(threat), \(more)")
      }
    }
  }

  /// Ten attackers of 50 clients that are alike.
  @Test("Shejwalkar 2021: attacks made for a rule or for distances hurt more than ALIE")
  func tailored() throws {
    let rules = ["trimmed-mean", "multi-krum(variant=rescoring)"]
    let (alie, tailored) = ("alie(variant=cdf)", "agr-tailored(direction=std)")
    let minMax = "min-max(direction=std)"
    let twin = try Twin(
      "shejwalkar-2021-cifar10", seeds: 8,
      only: [.defense: rules, .attack: [alie, tailored, minMax]])
    for rule in rules {
      for attack in [tailored, minMax] {
        try expectMore(
          twin.accuracies(rule, alie), than: twin.accuracies(rule, attack), "\(rule), \(attack)")
      }
    }
  }

  /// Sixty clients that are alike. Unlike in the figure, the trimmed mean does not break before the
  /// median here.
  @Test("Blades: the mean and coordinate rules break down earlier than divide and conquer")
  func breakdown() throws {
    let attacks = ["sign-flip", "ipm(epsilon=100)", "min-max(direction=std)"]
    let twin = try Twin(
      "blades-fashion-mnist",
      only: [
        .defense: ["median", "trimmed-mean", "dnc"], .attack: attacks,
        .threat: ["attackers=6", "attackers=12"],
      ])
    func worst(_ rule: String, _ threat: String) throws -> [Double] {
      try attacks.map { try twin.accuracies(rule, $0, [.threat: threat]) }
        .reduce(twin.accuracies(rule, "none", [.threat: threat])) {
          zip($0, $1).map { min($0, $1) }
        }
    }
    let half = try twin.accuracies("mean", "none", [.threat: "attackers=6"]).map { $0 / 2 }
    try expectMore(half, than: worst("mean", "attackers=6"), "the mean breaks at a tenth")
    for rule in ["median", "trimmed-mean"] {
      try expectMore(worst(rule, "attackers=6"), than: half, "\(rule) holds at a tenth")
      for threat in ["attackers=6", "attackers=12"] {
        try expectMore(worst("dnc", threat), than: worst(rule, threat), "dnc, \(rule), \(threat)")
      }
    }
    try expectMore(half, than: worst("median", "attackers=12"), "the median breaks at a fifth")
    try expectMore(worst("dnc", "attackers=12"), than: half, "dnc holds at a fifth")
  }
}

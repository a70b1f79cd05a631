public import Components
internal import CryptoCore
internal import Glibc
internal import Randomness
internal import SecureAggregation

/// A curious server that tries all seeds of a mask.
///
///     y_v - PRG(s) has codes of 16 bits in every word:  s is right but for 2^(B - 32 (w - 16))
///
/// The server and all other clients but one know the rest of the victim's masks, so that one seed,
/// the victim's with that neighbour, is between y_v and x_v. Flower agrees strong keys, folds them
/// to 32 bits and draws masks from the Mersenne Twister under these. The replica does so with fewer
/// bits, which are searched to the end, and the time for 32 follows; it replicates generator and
/// size of the seed, and takes words modulo R where Flower draws below R - 1. Two unknown
/// neighbours cost not twice the bits but little more than twice the time, with a table of one
/// half. It is the seed that is weak: the same search finds one of few bits under AES, and of the
/// 256 bits of this library's seeds it covers none that matter.
///
/// Source: Flower 1.x, `secaggplus_utils.pseudo_rand_gen`; meeting in the middle: Diffie, Hellman
/// 1977, *Exhaustive Cryptanalysis of the NBS Data Encryption Standard*.
public struct WeakGenerator: ProtocolAttack {
  /// Name, meaning and source.
  public static let card = Card(
    name: "weak-generator",
    summary: "All seeds of a mask generator are tried until an unmasked update looks like one.",
    formula: "y_v - PRG(s) plausible in every word",
    citation: "Flower, secaggplus_utils; Diffie, Hellman 1977")

  /// The attack.
  public init() {}

  /// Two sizes of seeds, two unknown neighbours, and the real generator with few bits and with all.
  public func run(_ setting: ProtocolAttackSetting) throws -> [ProtocolFinding] {
    let bits = setting.searchBits
    return [
      try twister(setting, bits: bits - 4), try twister(setting, bits: bits),
      try neighbours(setting, bits: bits - 4),
      try aes(setting, seedBits: bits - 4, searched: bits - 4),
      try aes(setting, seedBits: 256, searched: bits - 4),
    ]
  }

  /// The victim's update, and masks of the Mersenne Twister added and subtracted.
  private func masked(
    _ setting: ProtocolAttackSetting, bits: Int, signs: [Bool]
  ) throws -> (masked: RingVector, update: RingVector) {
    let update = try setting.updates()[0]
    var draw = setting.generator("weak seeds")
    var masked = update
    for isAdded in signs {
      var generator = MersenneTwister(seed: UInt32(draw.uniform(below: 1 << bits)))
      let mask = RingVector(
        (0..<update.count).map { _ in UInt64(generator.next()) }, in: update.ring)
      if isAdded { try masked.add(mask) } else { try masked.subtract(mask) }
    }
    return (masked, update)
  }

  /// What is left when the masks of the only seeds that were found come off.
  private func unmasked(
    _ masked: RingVector, _ found: [[UInt32]], signs: [Bool]
  ) throws -> RingVector {
    var guess = masked
    guard let seeds = found.first else { return guess }
    for (seed, isAdded) in zip(seeds, signs) {
      var generator = MersenneTwister(seed: seed)
      let mask = RingVector((0..<guess.count).map { _ in UInt64(generator.next()) }, in: guess.ring)
      if isAdded { try guess.subtract(mask) } else { try guess.add(mask) }
    }
    return guess
  }

  private func twister(_ setting: ProtocolAttackSetting, bits: Int) throws -> ProtocolFinding {
    let (masked, update) = try masked(setting, bits: bits, signs: [true])
    let search = SeedSearch(masked, try setting.encoding())
    let result = search.twister(bits: bits, workers: setting.workers)
    let rate = result.covered / result.seconds / Double(setting.workers)
    let hours = 0x1p32 / rate / 3600
    return finding(
      "MT19937, 2^\(bits) seeds", try unmasked(masked, result.seeds, signs: [true]), update,
      .succeeds,
      "\(result.seeds.count) of 2^\(bits) seeds plausible; \(Self.short(rate)) seeds/s a core: "
        + "2^32 take \(Self.short(hours)) core-hours")
  }

  private func neighbours(_ setting: ProtocolAttackSetting, bits: Int) throws -> ProtocolFinding {
    let (masked, update) = try masked(setting, bits: bits, signs: [true, false])
    let result = SeedSearch(masked, try setting.encoding()).pairs(bits: bits)
    return finding(
      "MT19937, 2 neighbours, 2^\(bits) seeds each",
      try unmasked(masked, result.seeds, signs: [true, false]), update, .succeeds,
      "\(result.seeds.count) of 2^\(2 * bits) pairs plausible, met in the middle in "
        + "\(Self.short(result.seconds)) s")
  }

  /// The generator of this library under a seed of which `seedBits` are random, searched as far as
  /// `searched` bits go.
  private func aes(
    _ setting: ProtocolAttackSetting, seedBits: Int, searched: Int
  ) throws -> ProtocolFinding {
    let update = try setting.updates()[0]
    var source = setting.secrets("a seed of AES")
    let strong = try SecretBytes(random: MaskGenerator.seedCount, using: &source)
    var draw = setting.generator("a weak seed of AES")
    let seed =
      seedBits == 256 ? strong : SeedSearch.aesSeed(UInt32(draw.uniform(below: 1 << seedBits)))
    var masked = update
    masked.addMasks([MaskTerm(seed, .plus)])
    let result = SeedSearch(masked, try setting.encoding()).aes(
      bits: searched, workers: setting.workers)
    if let found = result.seeds.first?.first {
      masked.addMasks([MaskTerm(SeedSearch.aesSeed(found), .minus)])
    }
    let rate = result.covered / result.seconds / Double(setting.workers)
    let hours = Self.short(0x1p256 / rate / 3600)
    return finding(
      seedBits == 256
        ? "AES-256-CTR, 2^\(searched) of 2^256 seeds" : "AES-256-CTR, 2^\(seedBits) seeds",
      masked, update, seedBits <= searched ? .succeeds : .fails,
      "\(result.seeds.count) of 2^\(searched) seeds plausible; \(Self.short(rate)) seeds/s a core"
        + (seedBits == 256 ? ": 2^256 take \(hours) core-hours" : ""))
  }

  /// Three digits.
  private static func short(_ number: Double) -> String {
    guard number > 0, number.isFinite else { return "\(number)" }
    let exponent = Int(log10(number).rounded(.down))
    if exponent >= 6 || exponent < -2 {
      let leading = number / pow(10, Double(exponent))
      return "\((leading * 100).rounded() / 100)e\(exponent)"
    }
    let scale = pow(10, Double(2 - exponent))
    let rounded = (number * scale).rounded() / scale
    return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
  }

  private func finding(
    _ variant: String, _ guess: RingVector, _ update: RingVector,
    _ expected: ProtocolFinding.Verdict, _ evidence: String
  ) -> ProtocolFinding {
    let agreement = guess.agreement(with: update)
    return ProtocolFinding(
      attack: Self.card.name, variant: variant,
      adversary: "curious server that knows all masks of the victim but those of honest neighbours",
      metric: "fraction of x_v", value: agreement, control: guess.guessedAgreement,
      succeeded: agreement == 1, expected: expected, evidence: evidence)
  }
}

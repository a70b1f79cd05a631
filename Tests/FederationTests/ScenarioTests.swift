import Attacks
import Components
import Defenses
import Federation
import TestSupport
import Testing

/// What the papers claim, on real data: ten clients, three colluders, logistic regression on the
/// digits. Each figure is the mean accuracy over three fixed seeds; the comment gives what was
/// measured, the limit leaves a margin of at least three points to it.
@Suite("Scenarios", .enabled(if: isOptimizedBuild, "training needs an optimised build"))
struct ScenarioTests {
  private func accuracy(
    alpha: Double? = nil, _ attack: [any Component], _ defense: [any Component]
  ) throws -> Double {
    try DigitsFederation(alpha: alpha, attack: attack, defense: defense).accuracy()
  }

  @Test("with nobody attacking every rule learns evenly shared digits")
  func clean() throws {
    for defense in [
      [Mean()], [try Median()], [try TrimmedMean(f: .assumed)], [try Krum(f: .assumed)],
      [try NNM(f: .assumed), try Krum(f: .assumed)], [try Clipping(clippingNorm: 1), Mean()],
    ] as [[any Component]] {
      #expect(try accuracy([], defense) > 0.9)  // 0.93 each
    }
  }

  @Test("IPM turns the mean above epsilon = (n-f)/f = 7/3, and only above")
  func ipm() throws {
    #expect(try accuracy([try IPM(epsilon: 2)], [Mean()]) > 0.8)  // 0.86
    let attack = try IPM(epsilon: 3)
    #expect(try accuracy([attack], [Mean()]) < 0.2)  // 0.06
    #expect(try accuracy([attack], [try TrimmedMean(f: .assumed)]) > 0.88)  // 0.92
    #expect(try accuracy([attack], [try NNM(f: .assumed), try Krum(f: .assumed)]) > 0.88)  // 0.93
  }

  @Test("sign-flip beyond scale (n-f)/f reverses the mean; the median holds")
  func signFlip() throws {
    let attack = try SignFlip(scale: 4)
    #expect(try accuracy([attack], [Mean()]) < 0.2)  // 0.09
    #expect(try accuracy([attack], [try Median()]) > 0.87)  // 0.91
    #expect(try accuracy([try SignFlip(scale: 1)], [Mean()]) > 0.8)  // 0.88: below the edge
  }

  @Test("a boosted update breaks the mean; clipping takes the boost away")
  func clipping() throws {
    let attack = try SignFlip(scale: 10)
    #expect(try accuracy([attack], [Mean()]) < 0.2)  // 0.1
    #expect(try accuracy([attack], [try Clipping(clippingNorm: 0.5), Mean()]) > 0.75)  // 0.85
  }

  @Test("label-flip costs the mean ten points under label skew; mixing gets them back")
  func labelFlip() throws {
    let clean = try accuracy(alpha: 1, [], [Mean()])  // 0.93
    let mean = try accuracy(alpha: 1, [LabelFlip()], [Mean()])  // 0.77
    let mixed = try accuracy(
      alpha: 1, [LabelFlip()], [try NNM(f: .assumed), try TrimmedMean(f: .assumed)])  // 0.92
    #expect(clean - mean > 0.1)
    #expect(clean - mixed < 0.05)
  }

  @Test("ALIE at z = 3 breaks the mean where honest clients differ; mixing withstands it")
  func alie() throws {
    let attack = try ALIE(z: 3)
    let clean = try accuracy(alpha: 0.3, [], [Mean()])  // 0.92
    let mean = try accuracy(alpha: 0.3, [attack], [Mean()])  // 0.67
    let mixed = try accuracy(
      alpha: 0.3, [attack], [try NNM(f: .assumed), try TrimmedMean(f: .assumed)])  // 0.90
    #expect(clean - mean > 0.15)
    #expect(clean - mixed < 0.07)
    // Evenly shared, the honest deviation is too small to hide in.
    #expect(try accuracy([attack], [Mean()]) > 0.88)  // 0.92
  }

  @Test(
    "krum alone loses accuracy under label skew with nobody attacking; after mixing it does not")
  func krum() throws {
    let mean = try accuracy(alpha: 0.3, [], [Mean()])  // 0.92
    let krum = try accuracy(alpha: 0.3, [], [try Krum(f: .assumed)])  // 0.63
    let mixed = try accuracy(alpha: 0.3, [], [try NNM(f: .assumed), try Krum(f: .assumed)])  // 0.86
    #expect(mean - krum > 0.2)
    #expect(mixed - krum > 0.15)
    #expect(mean - mixed < 0.1)
  }
}

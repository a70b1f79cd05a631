import Accounting
import Foundation
import TestSupport
import Testing

/// Libraries that compose untilted masses in double precision have noise in delta of about one rounding
/// per release: their bounds hold for a delta that much away, and mean nothing below it.
private func floor(_ row: GoldenRow) -> Double {
  let steps = row.params["phases"].array.map { $0["steps"].number }.reduce(0, +)
  let single = row.params["steps"].number
  return 2e-16 * (100 + (single.isNaN ? (steps.isNaN ? 100 : steps) : single))
}

@Suite("Privacy loss distributions against golden rows", .enabled(if: isOptimizedBuild))
struct PLDGoldenTests {
  /// Rows that bound epsilon from above by the same algorithm on the same grid.
  static let rows = GoldenRow.all {
    $0.bound == "upper" && $0.accountant.hasPrefix("pld") && !$0.epsilonAtDelta.isEmpty
  }

  @Test("The interval's upper end is no looser than the same algorithm elsewhere", arguments: rows)
  func noLooser(row: GoldenRow) throws {
    let events = try #require(try row.events())
    let grid = row.params["discretization"].number
    let accountant = try PLDAccountant(gridSpacing: grid.isNaN ? 1e-4 : grid)
    for (delta, peer) in row.epsilonAtDelta {
      // Towards a smaller answer by the noise the peer's own may have.
      guard delta > 20 * floor(row) else { continue }
      let ours = try accountant.epsilon(delta: delta, of: events)
      if ours.upper <= peer.number * (1 + 1e-9), peer.number * (1 + 1e-9) >= ours.lower { continue }
      // Within the noise the peer's own answer may have.
      let eased = try accountant.epsilon(delta: delta + floor(row), of: events)
      #expect(eased.upper <= peer.number * (1 + 1e-9), "\(row.id) at \(delta): \(ours)")
      // And the peer's bound is one: it is not below the certified lower end.
      #expect(peer.number * (1 + 1e-9) >= eased.lower, "\(row.id) at \(delta): \(ours)")
    }
  }

  @Test(
    "Certified intervals meet those of another algorithm",
    arguments: GoldenRow.all { $0.accountant.hasPrefix("prv") && $0.bound == "low/est/up" })
  func meetsPRV(row: GoldenRow) throws {
    let events = try #require(try row.events())
    for (delta, interval) in row.values["epsilon_low_est_up_at_delta"].pairs {
      let ours = try PLDAccountant().epsilon(delta: delta, of: events)
      #expect(ours.lower <= interval[2].number, "\(row.id) at \(delta): \(ours)")
      #expect(ours.upper >= interval[0].number, "\(row.id) at \(delta): \(ours)")
      #expect(ours.upper - ours.lower < 1e-2 * (1 + ours.upper), "\(row.id) at \(delta): \(ours)")
    }
  }

  @Test(
    "Optimistic buckets agree with the same buckets elsewhere and stay below the certified interval",
    arguments: GoldenRow.all(accountant: "pld-privacy-buckets"))
  func optimisticBuckets(row: GoldenRow) throws {
    let events = try #require(try row.events())
    let accountant = try PLDAccountant(gridSpacing: row.params["discretization"].number)
    for (delta, peer) in row.epsilonAtDelta {
      let ours = try accountant.epsilon(
        delta: delta, of: events, discretization: .roundDown)
      #expect(isClose(ours, peer.number, relative: 1e-4), "\(row.id) at \(delta): \(ours)")
      #expect(peer.number <= (try accountant.epsilon(delta: delta, of: events)).upper)
    }
  }

  @Test(
    "Deltas of one release are exact",
    arguments: GoldenRow.all {
      $0.mechanism == "poisson_sampled_gaussian"
        && ["closed-form", "privacy_loss_mechanism"].contains($0.accountant)
    })
  func oneRelease(row: GoldenRow) throws {
    let events = try #require(try row.events())
    for (name, side) in [("remove", LossSide.gain), ("add", .loss)] {
      for (epsilon, exact) in row.values[name]["delta_at_epsilon"].pairs where epsilon >= 0 {
        let ours = try PLDAccountant().delta(epsilon: epsilon, of: events, side: side)
        let value = exact.number
        #expect(ours.lower <= value * (1 + 1e-9) + 1e-17, "\(row.id) \(name) \(epsilon): \(ours)")
        #expect(ours.upper >= value * (1 - 1e-9) - 1e-17, "\(row.id) \(name) \(epsilon): \(ours)")
      }
    }
  }

  @Test(
    "Masses on a coarse grid are those of connect-the-dots elsewhere",
    arguments: GoldenRow.all(accountant: "pld-pmf"))
  func masses(row: GoldenRow) throws {
    let event = try #require(try row.events()?.first)
    for (name, side) in [("remove", LossSide.gain), ("add", .loss)] {
      let peer = row.values[name]
      let lowest = peer["lowest_index"].int
      let ours = try event.losses(
        LossRequest(side: side, spacing: 0.5, logTail: -60, method: .connectTheDots))
      let masses = try #require(ours)
      // The peer cuts tails at e^-20: compare what is far above that.
      for (i, mass) in peer["probs"].numbers.enumerated() where mass > 1e-6 {
        let place = lowest + i - masses.lowest
        #expect(isClose(masses.masses[place], mass, relative: 1e-4), "\(name) \(lowest + i)")
      }
    }
  }
}

private func isClose(_ value: Double, _ wanted: Double, relative: Double) -> Bool {
  (value - wanted).magnitude <= relative * wanted.magnitude
}

import Accounting
import TestSupport
import Testing

@Suite("Binary tree")
struct BinaryTreeTests {
  /// The complete aligned blocks, by their definition.
  static func nodes(_ steps: Int) -> [Range<Int>] {
    (0..<20).flatMap { height in
      (0..<steps).compactMap { index in
        let block = (index << height)..<((index + 1) << height)
        return block.upperBound <= steps ? block : nil
      }
    }
  }

  static func sum(_ steps: Int, _ set: [Int]) -> Double {
    nodes(steps).reduce(0) { sum, node in
      let count = Double(set.filter(node.contains).count)
      return sum + count * count
    }
  }

  @Test("row tree-sensitivity-dp: four contributions with 15 steps between in 64 steps")
  func goldenSensitivity() throws {
    let row = try #require(GoldenRow.all(accountant: "tree-sensitivity-dp").first)
    let tree = try BinaryTree(steps: row.params["steps"].int)
    let participation = try Participation(
      most: row.params["max_participation"].int,
      stepsBetween: row.params["min_separation_exclusive"].int)
    #expect(tree.squaredSensitivity(participation) == row.values["sum_squared_sensitivity"].number)
  }

  @Test("row mf-tree: depth, worst prefix and worst product for 1024 steps")
  func goldenTree() throws {
    let row = try #require(GoldenRow.all(accountant: "binary-tree (no Honaker)").first)
    let tree = try BinaryTree(steps: row.params["n"].int)
    #expect(tree.depth == row.values["nodes_on_path"].int)
    #expect(tree.squaredSensitivity(.single) == row.values["nodes_on_path"].number)
    #expect(tree.greatestVariance() == row.values["max_error_sq_popcount"].number)
    #expect(
      tree.greatestVariance() * tree.squaredSensitivity(.single)
        == row.values["loss_sq_max"].number)
  }

  @Test("sums over nodes equal their definition; the bound holds for every allowed set")
  func bruteForce() throws {
    for steps in [1, 5, 8, 11, 16] {
      let tree = try BinaryTree(steps: steps)
      for (most, separation) in [(1, 1), (2, 1), (2, 4), (3, 3), (4, 2), (4, 4), (5, 5)] {
        let sums = allowedSets(steps, most: most, separation: separation).map { set in
          let ours = tree.squaredSensitivity(at: set)
          #expect(ours == Self.sum(steps, set))
          return ours
        }
        let bound = tree.squaredSensitivity(try Participation(most: most, separation: separation))
        #expect(bound >= sums.max() ?? 0)
        if steps == 16, separation.nonzeroBitCount == 1, most.nonzeroBitCount == 1 {
          #expect(bound == sums.max())
        }
      }
    }
    // Contributing twice at one step counts twice in each of its nodes.
    #expect(try BinaryTree(steps: 4).squaredSensitivity(at: [1, 1]) == 12)
  }

  @Test("refined estimates have the variance of weighted least squares; fewer errors than plain")
  func honaker() throws {
    // A node's own noise, variance 1, and the sum of its two children's estimates.
    var variance = 1.0
    for height in 0..<10 {
      let tree = try BinaryTree(steps: 1 << height)
      #expect(
        isClose(tree.variance(ofFirst: 1 << height, refined: true), variance, tolerance: 1e-15))
      variance = 1 / (1 + 1 / (2 * variance))
    }
    for steps in [1, 7, 12, 1000, 1024] {
      let tree = try BinaryTree(steps: steps)
      for refined in [false, true] {
        let worst = (0...steps).map { tree.variance(ofFirst: $0, refined: refined) }.max()
        #expect(tree.greatestVariance(refined: refined) == worst)
      }
      if steps > 1 { #expect(tree.greatestVariance(refined: true) < tree.greatestVariance()) }
    }
  }

  @Test(
    "rows dpftrl: the noise multiplier of a run",
    arguments: GoldenRow.all(accountant: "rdp-order-aware"))
  func goldenAggregation(row: GoldenRow) throws {
    let run = try Self.aggregation(row)
    let noise = row.params["sigma"].number
    let ours = try run.effectiveNoiseMultiplier(noise)
    #expect(relativeError(ours, row.values["effective_sigma"].number) < 1e-14)
    let event = try run.event(noiseMultiplier: noise)
    #expect(event.mechanism == .gaussian(noiseMultiplier: ours))
    for (delta, peer) in row.epsilonAtDelta {
      let exact = try GaussianAccountant().epsilon(delta: delta, of: [event])
      let bound = try RenyiAccountant().epsilon(delta: delta, of: [event])
      #expect(exact.lower <= bound.upper && bound.upper <= peer.number * (1 + 1e-9), "\(bound)")
    }
  }

  static func aggregation(_ row: GoldenRow) throws -> TreeAggregation {
    guard case .truth(let completes) = row.params["tree_completion"] else {
      throw AccountingError.invalid("tree_completion", row.id, "must be there")
    }
    return try TreeAggregation(
      batchesPerEpoch: row.params["batches_per_epoch"].int,
      epochsPerTree: row.params["epochs_between_restarts"].array.map(\.int),
      completesTrees: completes)
  }
}

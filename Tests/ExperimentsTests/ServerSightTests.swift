import Components
import Experiments
import Federation
import Testing

/// What attacks use of the server, kept with the results: what a promise that trusts it does not
/// reach.
@Suite("What only the server sees")
struct ServerSightTests {
  @Test("a store keeps of each attack what it uses that only the server has")
  func stored() throws {
    let experiment = try Tiny.experiment([
      "threat":
        "threat: {attackers: 1, server-knows: [candidates, modify-weights, hyper-parameters]}",
      "attack": """
      attack:
        - none
        - label-flip
        - fedmia
        - loss-series
        - loss-series: {view: sum}
        - client-ascent
        - server-ascent
        - gradient-difference: {view: sum}
      """,
      "defense": "defense: mean", "seeds": "seeds: 1",
    ])
    // By hand, from what the papers' attackers hold: the released models tell the views of the sum
    // all they use; whose update it was is the server's alone, and so is sending other weights.
    let expected: [String: [String]?] = [
      "none": nil, "label-flip": [], "loss-series(view=sum)": [], "client-ascent": [],
      "gradient-difference(view=sum)": [],
      "fedmia": ["client identities", "individual updates"],
      "loss-series": ["client identities", "individual updates"],
      "server-ascent": ["client identities", "individual updates", "modified weights"],
    ]
    let scratch = try Scratch()
    // The plan is in the store before anything runs.
    _ = try Tiny.runner(of: experiment, in: scratch.path)
    let cells = try MatrixResults(folder: scratch.path).cells
    #expect(Set(cells.map { $0.label(.attack) }) == Set(expected.keys))
    for cell in cells {
      #expect(
        cell.description.serverSight == expected[cell.label(.attack)] ?? nil,
        "\(cell.label(.attack))")
    }
  }
}

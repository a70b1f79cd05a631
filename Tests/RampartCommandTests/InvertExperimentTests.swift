import Foundation
import Testing

@Suite("rampart invert in the round, and rampart doctor")
struct InvertExperimentTests {
  private static let text = """
    name: dense
    data: digits
    partition: {iid: {clients: 10}}
    model: {mlp: {hidden: [50]}}
    training: {rounds: 1, learning-rate: 0.1}
    algorithm: {fedsgd: {examples: 1}}
    threat: {attackers: 0}
    attack: [none, dense-inversion: {updates: 3}, inverting-gradients: {updates: 1, steps: 50}]
    """

  private struct Record: Decodable {
    var figures: [String: Double]
    var images: [String]
  }

  @Test("an experiment's attack is run in its round; pictures and figures are written")
  func experiment() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    try rampart.write(Self.text, to: "e.yaml")
    let result = try rampart(
      "invert", "e.yaml", "--only", "attack=dense-inversion", "--output", "found", "--json")
    #expect(result.status == 0, "\(result.errors)")
    let record = try JSONDecoder().decode(Record.self, from: Data(result.output.utf8))
    #expect(record.figures["PSNR in dB, worst"].map { $0 > 58.9 } == true)
    #expect(record.images.count == 3)
    for name in ["image-3.png", "contact-sheet.png", "metrics.json"] {
      #expect(FileManager.default.fileExists(atPath: rampart.path("found/\(name)")), "\(name)")
    }
    let ladder = try rampart(
      "invert", "e.yaml", "--only", "attack=inverting-gradients", "--ladder")
    #expect(ladder.status == 0, "\(ladder.errors)")
    #expect(ladder.output.contains("rung 0, with everything granted"))
  }

  @Test("what cannot be inverted is said in a line")
  func refusals() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    try rampart.write(Self.text, to: "e.yaml")
    for (words, expected) in [
      (["e.yaml", "--only", "attack=none"], "no attack that inverts updates"),
      (["e.yaml", "--only", "attack=dense-inversion", "--ladder"], "has no ladder"),
      (["e.yaml"], "attack has several entries"),
      (["e.yaml", "--model", "mlp"], "--model is for gradients from files"),
      ([], "name an experiment, or give --model, --weights, --gradient, --shape"),
      (["--model", "mlp", "--shape", "4"], "give --weights, --gradient"),
    ] {
      let (process, _, errors) = try rampart.process(["invert"] + words)
      try process.run()
      process.waitUntilExit()
      let text = try String(contentsOf: errors, encoding: .utf8)
      #expect(process.terminationStatus == 2 && text.contains(expected), "\(words): \(text)")
    }
  }

  @Test("the doctor is green where controls pass, and names an attack it does not know")
  func doctor() throws {
    let rampart = try Program()
    defer { rampart.remove() }
    let result = try rampart(
      "doctor", "--attack", "dense-inversion", "--attack", "loki", "--model", "mlp: {hidden: [20]}")
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.output.contains("green: every control passed"))
    #expect(result.output.contains("on this model and data:"))
    #expect(result.output.contains("cosine of training and evaluation gradients: 1.0000"))
    let wrong = try rampart("doctor", "--attack", "lokki")
    #expect(wrong.status == 2 && wrong.errors.contains("did you mean 'loki'"))
  }
}

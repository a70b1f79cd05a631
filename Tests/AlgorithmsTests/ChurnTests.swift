import Accounting
import Algorithms
import Components
import Federation
import Foundation
import Randomness
import TestSupport
import Testing

@Suite("Churn")
struct ChurnTests {
  private func device(_ client: Int) -> Device {
    Device(
      client: client, population: 4000, labelCounts: [5], largestCount: 5, smallestCount: 5,
      traits: testGenerator(name: "churn").fork("devices", 0, UInt64(client)))
  }

  /// The share of clients there at `time`, from the closed form of each law.
  private func expected(_ churn: Churn.Parameters, at time: Double) -> Double {
    let (arrival, life) = (1 / churn.arrival, 1 / churn.lifetime)
    let early: Double
    let late: Double
    switch (churn.arrivals, churn.stay) {
    case (.exponential, .forever): (early, late) = (1, 1 - exp(-arrival * time))
    case (.exponential, .exponential):
      // Two stages of pure death: not yet there, there, gone.
      early = exp(-life * time)
      late = arrival / (arrival - life) * (exp(-life * time) - exp(-arrival * time))
    case (.exponential, .constant):
      early = time < churn.lifetime ? 1 : 0
      late = exp(-arrival * max(0, time - churn.lifetime)) - exp(-arrival * time)
    case (.poisson, .forever): (early, late) = (1, min(1, time * arrival))
    case (.poisson, .exponential):
      // M/M/∞ with arrivals until the window ends, started empty: (λ/μ)(1 - e^-μt), then decay.
      let window = min(time, churn.arrival)
      early = exp(-life * time)
      late = arrival / life * (1 - exp(-life * window)) * exp(-life * (time - window))
    case (.poisson, .constant):
      early = time < churn.lifetime ? 1 : 0
      late = min(1, time * arrival) - min(1, max(0, time - churn.lifetime) * arrival)
    }
    return churn.present * early + (1 - churn.present) * late
  }

  @Test(
    "as many clients are there as the closed form of each law says",
    arguments: Churn.Arrival.allCases, Churn.Stay.allCases)
  func expectedPopulation(_ arrivals: Churn.Arrival, _ stay: Churn.Stay) throws {
    var parameters = Churn.Parameters()
    parameters.arrivals = arrivals
    parameters.stay = stay
    parameters.present = 0.3
    parameters.arrival = 10
    parameters.lifetime = 25
    let churn = try Churn(parameters)
    let clients = 4000
    for time in [0, 3.5, 9, 12, 24, 26, 40, 80] as [Double] {
      let there = (0..<clients).count { churn.availability(of: device($0), at: time) == 1 }
      let share = expected(parameters, at: time)
      // Binomial; 5 deviations each: false-alarm rate 3e-5 over the 48 counts.
      let deviation = (Double(clients) * share * (1 - share)).squareRoot()
      #expect(
        abs(Double(there) - Double(clients) * share) <= 5 * deviation + 1e-6,
        "\(time): \(there) of \(Double(clients) * share)")
    }
  }

  @Test("a client comes once, goes once, and never comes back")
  func once() throws {
    let churn = try Churn(.init())
    for client in 0..<200 {
      let presence = churn.presence(of: device(client))
      #expect(presence.from >= 0 && presence.until > presence.from)
      #expect(churn.firstContact(of: device(client), from: 0) == presence.from)
      #expect(churn.firstContact(of: device(client), from: presence.until) == nil)
      #expect(!churn.isThere(device(client), at: presence.until))
      #expect(churn.isThere(device(client), at: presence.from))
      #expect(churn.presence(of: device(client)) == presence)
    }
  }

  @Test("who has left takes no part; when all have, the model is held and rounds go on")
  func run() throws {
    var parameters = Churn.Parameters()
    parameters.present = 1
    parameters.stay = .constant
    parameters.lifetime = 2.5
    let pages = Notebook.Pages()
    var federation = SmallFederation(algorithm: [FedAvg(), Notebook(pages)])
    federation.population = [try Churn(parameters)]
    federation.training.rounds = 5
    let record = try federation.scenario().run()
    // The third round starts at 2 and is due at 3: its updates go down with their clients.
    #expect(record.rounds.map(\.received) == [5, 5, 0, 0, 0])
    #expect(record.rounds.map(\.time) == [1, 2, 3, 4, 5])
    #expect(pages.all.count == 2 && record.heldRounds == 3)
    #expect(record.privacy.count == 2)
  }

  @Test("what the server keeps about a client that left stays: its own model is still judged")
  func memory() throws {
    var parameters = Churn.Parameters()
    parameters.present = 1
    parameters.stay = .constant
    parameters.lifetime = 2.5
    var federation = SmallFederation(
      algorithm: [FedAvg(), try FedPer(FedPer.defaults)], hidden: [6])
    federation.population = [try Churn(parameters)]
    federation.training.rounds = 4
    let record = try federation.scenario().run()
    // Who left keeps the head of its last training, and the base the server holds has not moved on.
    #expect(record.rounds[3].accuracy == record.rounds[2].accuracy)
    #expect(record.rounds[3].loss == record.rounds[2].loss)
    #expect(record.rounds[3].worstTenth != nil)
  }

  @Test("parameters out of range are refused, all at once")
  func refused() {
    var parameters = Churn.Parameters()
    parameters.present = 1.2
    parameters.arrival = 0
    parameters.lifetime = .infinity
    let error = #expect(throws: ParameterError.self) { try Churn(parameters) }
    #expect(error?.problems.map(\.key) == ["present", "arrival", "lifetime"])
  }
}

internal import Experiments
internal import Federation

/// What transports that are protocols cost.
extension Report {
  var transportSection: Markup {
    let costs = transportCosts
    if costs.isEmpty { return "" }
    return """
      <section aria-labelledby="transport">
      <h2 id="transport">Cost of the transport</h2>
      <p>What one client, and the server, send in a round of training, on average, and the \
      processor time they take; times are measured on the machine of the run.</p>
      \(costs.map(table).joined("\n"))
      </section>
      """
  }

  private func table(_ costs: TransportCosts) -> Markup {
    func cells(_ figure: TransportCosts.Figure) -> Markup {
      """
      <td>\(Numbers.fixed(figure.messages, digits: 1))</td>\
      <td>\(TransportCosts.bytes(figure.bytes))</td>\
      <td>\(TransportCosts.time(figure.cpuSeconds))</td>
      """
    }
    let steps = costs.steps + [("all", costs.total(.client), costs.total(.server))]
    let rows = steps.map { name, client, server -> Markup in
      "<tr><th scope=\"row\">\(name)</th>\(cells(client))\(cells(server))</tr>"
    }
    let heads = [
      "Client sends", "Bytes", "Processor", "Server sends", "Bytes", "Processor",
    ].map { "<th scope=\"col\">\($0)</th>" as Markup }
    return .scrolling(
      """
      <table class="seeds">
      <caption><span>\(costs.title)</span></caption>
      <thead><tr><th scope="col">Message</th>\(heads)</tr></thead>
      <tbody>
      \(rows.joined("\n"))
      </tbody>
      </table>
      """, label: "Cost of the transport: \(costs.title)")
  }
}

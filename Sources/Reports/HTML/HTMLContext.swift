internal import Components
internal import Experiments

/// What one must know to judge the figures: controls, threat model, names, provenance.
extension Report {
  // MARK: - Controls

  var controlsSection: Markup {
    let controls = controls
    if controls.isEmpty { return "" }
    let several = blocks.count > 1
    let areShares = controls.allSatisfy { finding in
      finding.places.allSatisfy { $0.control.reading.measure.isShare }
    }
    let rows = controls.flatMap { finding in
      finding.places.map { setting, control -> Markup in
        let settingCell: Markup = several ? "<td>\(setting)</td>" : ""
        let reading = control.reading
        let readings = control.verdict == .void ? control.result.readings : [reading]
        let isJudged = [.valid, .void].contains(control.verdict)
        let seen = readings.map { reading -> Markup in
          guard isJudged, let seen = reading.seen else { return "–" }
          return reading.measure.isShare
            ? "\(.compact(seen))\(areShares ? "" : " points")"
            : "\(reading.measure.text(seen.mean)) times as far"
        }
        let doubt: Markup =
          control.verdict == .valid
            && reading.seen.map { $0.interval.lowerBound < reading.minimum } == true
          ? " <span class=\"quiet\">by its mean; the interval reaches below</span>" : ""
        let word = ControlFinding.word(control)
        let tone =
          switch control.verdict {
          case .valid: "held"
          case .void, .failed: "broke"
          default: "quiet"
          }
        return """
          <tr><th scope="row">\(broken(finding.attack))</th>\(settingCell)\
          <td>\(readings.map { "\($0.bound)" as Markup }.joined("; or "))</td>\
          <td class="num">\(seen.joined("; "))</td><td><strong class="\(tone)">\
          \(word)</strong>\(doubt)</td></tr>
          """
      }
    }
    let caption = "Each attack's positive control"
    let settingHead: Markup = several ? "<th scope=\"col\">Setting</th>" : ""
    return """
      <section aria-labelledby="controls">
      <h2 id="controls">Controls</h2>
      <p>Before a defense may claim to stop an attack, the attack must work with nothing in its way. \
      Its bound was set before any run; an attack that misses it is void, never “protected \
      against”.</p>
      \(.scrolling(
        """
        <table class="text">
        <caption><span>\(caption)</span></caption>
        <thead><tr><th scope="col">Attack</th>\(settingHead)\
        <th scope="col">Must show that</th><th scope="col" class="num">\
        \(areShares ? "Points lost" : "Seen") undefended</th>\
        <th scope="col">Result</th></tr></thead>
        <tbody>
        \(rows.joined("\n"))
        </tbody>
        </table>
        """, label: caption))
      </section>
      """
  }

  // MARK: - Threat model

  var threatSection: Markup {
    var colluders: [String: Set<Int>] = [:]
    for cell in results.cells {
      colluders[cell.label(.threat), default: []].insert(cell.description.colluders)
    }
    let items = labels(.threat).map { label -> Markup in
      let counts = (colluders[label] ?? []).sorted()
      return """
        <li>\(.code(label)): \(counts.map(String.init).list("or")) \
        client\(counts == [1] ? "" : "s") collude\(counts == [1] ? "s" : "") in attacked cells, at \
        random places fixed by the seed.</li>
        """
    }
    let needs = componentsShown(.attack).filter { !$0.needs.isEmpty }
    let sees = needs.map { card -> Markup in
      let list = card.needs.sorted().map(\.rawValue).list()
      return "<li>\(.code(card.name)) uses \(list).</li>"
    }
    let transports = componentsShown(.transport).map { card -> Markup in
      "<li>\(.code(card.name)): \(card.summary)</li>"
    }
    return """
      <section aria-labelledby="threat">
      <h2 id="threat">Threat model</h2>
      <ul class="plain">
      \(items.joined("\n"))
      </ul>
      \(list("What the attacks must be able to see or use", sees))
      \(list("What the server sees", transports))
      </section>
      """
  }

  private func list(_ heading: String, _ items: [Markup]) -> Markup {
    items.isEmpty
      ? ""
      : "<h3>\(heading)</h3>\n<ul class=\"plain\">\n\(items.joined("\n"))\n</ul>"
  }

  // MARK: - Names

  /// The cards of the components on `axis`, each once.
  private func componentsShown(_ axis: Axis) -> [Card] {
    var seen: Set<String> = []
    return labels(axis).flatMap(componentNames).compactMap { name in
      guard seen.insert(name).inserted else { return nil }
      return catalogue.type(named: name, role: Role(rawValue: axis.rawValue))?.card
    }
  }

  /// The axes with names that the catalogue explains.
  var explained: [(axis: Axis, cards: [Card])] {
    [Axis.attack, .defense, .algorithm, .model, .data, .partition].map { axis in
      (axis, componentsShown(axis))
    }.filter { !$0.cards.isEmpty }
  }

  var glossarySection: Markup {
    let groups = explained.map { axis, cards -> Markup in
      let items = cards.map { card -> Markup in
        let formula: Markup =
          card.formula.isEmpty ? "" : "<br><span class=\"formula\">\(card.formula)</span>"
        let source: Markup = card.citation.isEmpty ? "" : " <cite>\(card.citation)</cite>"
        return "<dt>\(.code(card.name))</dt><dd>\(card.summary)\(formula)\(source)</dd>"
      }
      let title = Role(rawValue: axis.rawValue).plural
      return """
        <h3>\(title.prefix(1).uppercased() + title.dropFirst())</h3>
        <dl class="names">
        \(items.joined("\n"))
        </dl>
        """
    }
    if groups.isEmpty { return "" }
    return """
      <section aria-labelledby="glossary">
      <h2 id="glossary">What was compared</h2>
      \(groups.joined("\n"))
      </section>
      """
  }

  // MARK: - Provenance

  func provenanceSection(_ options: ReportOptions) -> Markup {
    let progress = progress
    var rows: [(String, Markup)] = [
      ("Experiment", .code(results.name)),
      ("Program version", "\(results.versions.isEmpty ? "–" : results.versions.list())"),
      ("BLAS kernels", "\(results.blasCores.isEmpty ? "–" : results.blasCores.list())"),
      ("Seeds", "\(seeds.map { "\($0)" }.list())"),
      (
        "Runs",
        """
        \(progress.done) finished, \(progress.failed) failed, \(progress.pending) not finished
        """
      ),
      ("Compute time of all runs", "\(Numbers.duration(computeSeconds))"),
    ]
    let processors = results.origin.processors
    if !processors.isEmpty { rows.append(("Processor", "\(processors.list())")) }
    let digests = Self.distinct(results.cells.compactMap(\.description.dataDigest))
    rows.append(
      (
        "Data fingerprint",
        digests.isEmpty
          ? "not kept by the version that ran it"
          : digests.map { Markup.code(String($0.prefix(16))) }.list()
      ))
    if results.origin.file == nil {
      rows.append(
        (
          "Experiment file",
          """
          the store did not keep its name: in the commands of cells it is \(.code("EXPERIMENT.yaml"))
          """
        ))
    }
    if let command = options.command ?? results.origin.command {
      rows.append(("Command", .code(command)))
    }
    let several: Markup =
      results.versions.count > 1 || results.blasCores.count > 1
      ? """
      <p><strong>Mixed origin</strong>: runs by different versions or on different BLAS kernels may \
      differ in the last bits.</p>
      """ : ""
    let items = rows.map { "<dt>\($0)</dt><dd>\($1)</dd>" as Markup }
    return """
      <section aria-labelledby="provenance">
      <h2 id="provenance">Provenance</h2>
      <dl class="facts">
      \(items.joined("\n"))
      </dl>
      \(several)
      </section>
      """
  }
}

internal import Algorithms
internal import Attacks
public import Components
internal import Datasets
internal import Defenses
internal import Federation
internal import Learning
internal import SecureAggregation
internal import VerifiableAggregation

extension Catalogue {
  /// Every component that ships, by role, in the order to list them.
  public static let standard = Catalogue([
    Section(.attack, attackCatalogue + inversionCatalogue + membershipAttackCatalogue),
    Section(.defense, defenseCatalogue + membershipDefenseCatalogue + privacyDefenseCatalogue),
    Section(.algorithm, algorithmCatalogue),
    Section(.population, populationCatalogue),
    Section(.transport, transportCatalogue + verifiableTransportCatalogue),
    Section(.model, modelCatalogue),
    Section(.data, dataCatalogue),
    Section(.partition, partitionCatalogue),
  ])
}

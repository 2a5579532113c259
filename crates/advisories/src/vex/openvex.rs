//! OpenVEX 0.2.0, and what older versions wrote otherwise (openvex.dev, OPENVEX-SPEC).

use serde::Deserialize;
use serde_json::Value;

use super::{
    Document, Named, Product, Statement, Status,
    statement::{flaw_names, time},
};

#[derive(Deserialize)]
struct Top {
    #[serde(default)]
    author: String,
    #[serde(default)]
    timestamp: String,
    #[serde(default)]
    statements: Vec<Value>,
}

#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    vulnerability: Value,
    #[serde(default)]
    products: Vec<Value>,
    /// Of all products, in version 0.0.
    #[serde(default)]
    subcomponents: Vec<Value>,
    status: String,
    #[serde(default)]
    status_notes: String,
    #[serde(default)]
    justification: String,
    #[serde(default)]
    impact_statement: String,
    #[serde(default)]
    action_statement: String,
    #[serde(default)]
    timestamp: String,
    #[serde(default)]
    last_updated: String,
}

pub(super) fn read(value: Value, document: &mut Document) -> Result<(), String> {
    let top =
        Top::deserialize(value).map_err(|error| format!("is not as OpenVEX has it: {error}"))?;
    document.author = top.author;
    for (at, value) in top.statements.into_iter().enumerate() {
        let place = format!("statements[{at}]");
        let said = Said::deserialize(value).map_err(|error| error.to_string());
        match said.and_then(|said| statement(said, &top.timestamp, &place)) {
            Ok(statement) => {
                warn(&statement, document);
                document.statements.push(statement);
            }
            Err(why) => document.trouble(&place, why),
        }
    }
    Ok(())
}

fn statement(said: Said, of_document: &str, place: &str) -> Result<Statement, String> {
    let status = match said.status.as_str() {
        "not_affected" => Status::NotAffected,
        "fixed" => Status::Fixed,
        "under_investigation" => Status::UnderInvestigation,
        "affected" => Status::Affected,
        other => {
            return Err(format!(
                "unknown status '{other}'; known are not_affected, affected, fixed, under_investigation"
            ));
        }
    };
    let flaws = flaws(&said.vulnerability);
    if flaws.is_empty() {
        return Err("it names no vulnerability".to_owned());
    }
    let mut products: Vec<Product> = said.products.iter().map(product).collect::<Result<_, _>>()?;
    if products.is_empty() {
        return Err("it names no products".to_owned());
    }
    let parts: Vec<Named> = said.subcomponents.iter().map(part).collect::<Result<_, _>>()?;
    for product in &mut products {
        product.parts.extend_from_slice(&parts);
    }
    let times = [said.last_updated.as_str(), said.timestamp.as_str(), of_document];
    let details = [said.impact_statement, said.action_statement, said.status_notes];
    Ok(Statement {
        flaws,
        products,
        status,
        justification: said.justification,
        detail: details.into_iter().find(|it| !it.is_empty()).unwrap_or_default(),
        time: times.into_iter().find(|it| !it.is_empty()).and_then(time),
        place: place.to_owned(),
    })
}

/// What the specification asks for and a statement has not does not make it less clear.
fn warn(statement: &Statement, document: &mut Document) {
    if statement.status == Status::NotAffected && statement.reason().is_empty() {
        let why = "says not_affected with neither a justification nor an impact_statement";
        document.trouble(&statement.place, why);
    }
    if statement.time.is_none() {
        document.trouble(&statement.place, "has no timestamp; any other is newer");
    }
}

/// A text in version 0.0, an object with several names since.
fn flaws(value: &Value) -> Vec<String> {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let aliases = value.get("aliases").and_then(Value::as_array).into_iter().flatten();
    let all = value.as_str().into_iter().chain(text("name")).chain(text("@id"));
    all.chain(aliases.filter_map(Value::as_str)).flat_map(flaw_names).collect()
}

fn product(value: &Value) -> Result<Product, String> {
    let parts = match value.get("subcomponents") {
        None | Some(Value::Null) => &[][..],
        Some(Value::Array(parts)) => parts.as_slice(),
        // Without them, it would be said of all of the product.
        Some(_) => return Err("its subcomponents are no list".to_owned()),
    };
    let parts = parts.iter().map(part).collect::<Result<_, _>>()?;
    Ok(Product { whole: named(value), parts })
}

/// One that has no name would be none, and what is said of it said of all.
fn part(value: &Value) -> Result<Named, String> {
    let named = named(value);
    match named.is_empty() {
        true => Err("a subcomponent has no name".to_owned()),
        false => Ok(named),
    }
}

/// A text in version 0.0, an object with several names since.
fn named(value: &Value) -> Named {
    let values = |key: &str| value.get(key).and_then(Value::as_object).into_iter().flatten();
    let id = value.as_str().or_else(|| value.get("@id").and_then(Value::as_str));
    let more = values("identifiers").chain(values("hashes")).filter_map(|(_, it)| it.as_str());
    Named::of(id.into_iter().chain(more))
}

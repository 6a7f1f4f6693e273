package io.tollgate.controlplane.money;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import java.io.IOException;
import java.math.BigDecimal;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;

/**
 * Amounts as JSON: {@code {"amount":"9999.00","currency":"INR"}}, decimals as strings, a currency
 * as its ISO 4217 code.
 */
public final class MoneyModule extends SimpleModule {
  private static final long serialVersionUID = 1L;

  /** A module for Jackson. */
  public MoneyModule() {
    addSerializer(Money.class, new MoneyWriter());
    addDeserializer(Money.class, new MoneyReader());
    addSerializer(CurrencyUnit.class, new CurrencyWriter());
    addDeserializer(CurrencyUnit.class, new CurrencyReader());
    addSerializer(BigDecimal.class, new DecimalWriter());
  }

  private static final class MoneyWriter extends JsonSerializer<Money> {
    @Override
    public void serialize(Money money, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      json.writeStartObject();
      json.writeStringField("amount", money.getAmount().toPlainString());
      json.writeStringField("currency", money.getCurrencyUnit().getCode());
      json.writeEndObject();
    }
  }

  private static final class MoneyReader extends JsonDeserializer<Money> {
    @Override
    public Money deserialize(JsonParser parser, DeserializationContext context) throws IOException {
      JsonNode node = parser.readValueAsTree();
      try {
        return Amounts.exact(
            new BigDecimal(node.path("amount").asText()), node.path("currency").asText());
      } catch (IllegalArgumentException e) {
        throw context.weirdStringException(node.toString(), Money.class, e.getMessage());
      }
    }
  }

  private static final class CurrencyWriter extends JsonSerializer<CurrencyUnit> {
    @Override
    public void serialize(CurrencyUnit currency, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      json.writeString(currency.getCode());
    }
  }

  private static final class CurrencyReader extends JsonDeserializer<CurrencyUnit> {
    @Override
    public CurrencyUnit deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      try {
        return Amounts.currency(parser.getText());
      } catch (IllegalArgumentException e) {
        throw context.weirdStringException(parser.getText(), CurrencyUnit.class, e.getMessage());
      }
    }
  }

  private static final class DecimalWriter extends JsonSerializer<BigDecimal> {
    @Override
    public void serialize(BigDecimal decimal, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      json.writeString(decimal.toPlainString());
    }
  }
}

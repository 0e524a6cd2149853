package physical

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
)

// plainTypes are the Arrow types without parameters, by their ID.
var plainTypes = map[arrow.Type]arrow.DataType{
	arrow.NULL: arrow.Null, arrow.BOOL: arrow.FixedWidthTypes.Boolean,
	arrow.INT8: arrow.PrimitiveTypes.Int8, arrow.INT16: arrow.PrimitiveTypes.Int16,
	arrow.INT32: arrow.PrimitiveTypes.Int32, arrow.INT64: arrow.PrimitiveTypes.Int64,
	arrow.UINT8: arrow.PrimitiveTypes.Uint8, arrow.UINT16: arrow.PrimitiveTypes.Uint16,
	arrow.UINT32: arrow.PrimitiveTypes.Uint32, arrow.UINT64: arrow.PrimitiveTypes.Uint64,
	arrow.FLOAT16: arrow.FixedWidthTypes.Float16,
	arrow.FLOAT32: arrow.PrimitiveTypes.Float32, arrow.FLOAT64: arrow.PrimitiveTypes.Float64,
	arrow.STRING: arrow.BinaryTypes.String, arrow.LARGE_STRING: arrow.BinaryTypes.LargeString,
	arrow.BINARY: arrow.BinaryTypes.Binary, arrow.LARGE_BINARY: arrow.BinaryTypes.LargeBinary,
	arrow.DATE32: arrow.FixedWidthTypes.Date32, arrow.DATE64: arrow.FixedWidthTypes.Date64,
	arrow.INTERVAL_MONTHS:         arrow.FixedWidthTypes.MonthInterval,
	arrow.INTERVAL_DAY_TIME:       arrow.FixedWidthTypes.DayTimeInterval,
	arrow.INTERVAL_MONTH_DAY_NANO: arrow.FixedWidthTypes.MonthDayNanoInterval,
}

// noType stands for a nil type.
const noType = 0xff

// dataType is a byte with the Arrow type ID and then the type's parameters.
func (c *codec) dataType(v *arrow.DataType) {
	defer c.leave()
	if !c.enter() {
		return
	}
	tag := byte(noType)
	if *v != nil {
		tag = byte((*v).ID())
	}
	c.byte(&tag)
	if c.err != nil {
		return
	}
	if p := plainTypes[arrow.Type(tag)]; p != nil || tag == noType {
		if !c.writing {
			*v = p
		}
		return
	}
	if !c.writing {
		*v = nil
	}
	c.parameterised(arrow.Type(tag), v)
}

// parameterised walks the parameters of a type; *v is nil when reading.
func (c *codec) parameterised(id arrow.Type, v *arrow.DataType) {
	switch id {
	case arrow.DECIMAL128:
		t, _ := (*v).(*arrow.Decimal128Type)
		t = fresh(c, t)
		c.int32(&t.Precision)
		c.int32(&t.Scale)
		c.setType(v, t)
	case arrow.DECIMAL256:
		t, _ := (*v).(*arrow.Decimal256Type)
		t = fresh(c, t)
		c.int32(&t.Precision)
		c.int32(&t.Scale)
		c.setType(v, t)
	case arrow.TIMESTAMP:
		t, _ := (*v).(*arrow.TimestampType)
		x := arrow.TimestampType{}
		if c.writing {
			x = arrow.TimestampType{Unit: t.Unit, TimeZone: t.TimeZone}
		}
		c.unit(&x.Unit)
		c.string(&x.TimeZone)
		if !c.writing {
			*v = &x
		}
	case arrow.TIME32:
		t, _ := (*v).(*arrow.Time32Type)
		t = fresh(c, t)
		c.unit(&t.Unit)
		c.setType(v, t)
	case arrow.TIME64:
		t, _ := (*v).(*arrow.Time64Type)
		t = fresh(c, t)
		c.unit(&t.Unit)
		c.setType(v, t)
	case arrow.DURATION:
		t, _ := (*v).(*arrow.DurationType)
		t = fresh(c, t)
		c.unit(&t.Unit)
		c.setType(v, t)
	case arrow.FIXED_SIZE_BINARY:
		t, _ := (*v).(*arrow.FixedSizeBinaryType)
		t = fresh(c, t)
		c.int(&t.ByteWidth)
		if t.ByteWidth < 0 || t.ByteWidth > 1<<20 {
			c.corrupt()
		}
		c.setType(v, t)
	default:
		c.nestedType(id, v)
	}
}

func (c *codec) nestedType(id arrow.Type, v *arrow.DataType) {
	switch id {
	case arrow.LIST:
		var elem arrow.Field
		if c.writing {
			elem = (*v).(*arrow.ListType).ElemField()
		}
		c.field(&elem)
		if !c.writing && c.err == nil {
			*v = arrow.ListOfField(elem)
		}
	case arrow.STRUCT:
		var fields []arrow.Field
		if c.writing {
			fields = (*v).(*arrow.StructType).Fields()
		}
		slice(c, &fields, c.field)
		if !c.writing && c.err == nil {
			*v = arrow.StructOf(fields...)
		}
	case arrow.DICTIONARY:
		t, _ := (*v).(*arrow.DictionaryType)
		t = fresh(c, t)
		c.dataType(&t.IndexType)
		c.dataType(&t.ValueType)
		c.bool(&t.Ordered)
		if c.err == nil && (t.ValueType == nil || t.IndexType == nil || !arrow.IsInteger(t.IndexType.ID())) {
			c.corrupt()
		}
		c.setType(v, t)
	case arrow.EXTENSION:
		var name string
		if c.writing {
			name = (*v).(arrow.ExtensionType).ExtensionName()
		}
		c.string(&name)
		if !c.writing && c.err == nil {
			if t := arrow.GetExtensionType(name); t != nil {
				c.setType(v, t)
			} else {
				c.corrupt()
			}
		}
	default:
		if c.writing && c.err == nil {
			c.err = sqlerr.New(sqlerr.InternalError, "a plan cannot hold the Arrow type %s", *v)
			return
		}
		c.corrupt()
	}
}

// setType sets what was read. What is being written stays untouched, since
// others may read it meanwhile.
func (c *codec) setType(v *arrow.DataType, t arrow.DataType) {
	if !c.writing {
		*v = t
	}
}

// fresh is t when writing and a new value when reading.
func fresh[T any](c *codec, t *T) *T {
	if c.writing {
		return t
	}
	return new(T)
}

func (c *codec) unit(u *arrow.TimeUnit) {
	x := byte(*u)
	c.byte(&x)
	if x > byte(arrow.Nanosecond) {
		c.corrupt()
	}
	if !c.writing {
		*u = arrow.TimeUnit(x)
	}
}

func (c *codec) field(f *arrow.Field) {
	c.string(&f.Name)
	c.dataType(&f.Type)
	c.bool(&f.Nullable)
	c.metadata(&f.Metadata)
	if f.Type == nil {
		c.corrupt()
	}
}

func (c *codec) metadata(m *arrow.Metadata) {
	keys, values := m.Keys(), m.Values()
	slice(c, &keys, c.string)
	slice(c, &values, c.string)
	switch {
	case c.writing || c.err != nil || len(keys) == 0 && len(values) == 0:
	case len(keys) != len(values):
		c.corrupt()
	default:
		*m = arrow.NewMetadata(keys, values)
	}
}

// schema may be nil.
func (c *codec) schema(s **arrow.Schema) {
	var fields []arrow.Field
	var meta arrow.Metadata
	present := *s != nil
	if present {
		fields, meta = (*s).Fields(), (*s).Metadata()
	}
	c.bool(&present)
	if !present {
		return
	}
	slice(c, &fields, c.field)
	c.metadata(&meta)
	if !c.writing && c.err == nil {
		*s = arrow.NewSchema(fields, &meta)
	}
}

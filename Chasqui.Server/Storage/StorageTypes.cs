using System.Data;

namespace Chasqui.Server.Storage;

/// <summary>How ids and times are stored: a uuid as its 16 bytes in big-endian order, a time as Unix milliseconds.</summary>
internal static class StorageTypes
{
    public static byte[] ToBytes(this Guid uuid) => uuid.ToByteArray(bigEndian: true);

    /// <summary>
    /// Text of users, bound as <c>CAST(@text AS utf8_text)</c> because it may contain U+0000: Microsoft.Data.Sqlite cuts a longer
    /// string there, and PostgreSQL refuses it. In PostgreSQL <c>utf8_text</c> is bytea; SQLite takes every type with TEXT in its
    /// name for text.
    /// </summary>
    public static byte[] ToBytes(this string text) => Encoding.UTF8.GetBytes(text);

    public static Guid ToUuid(object stored) => new((byte[])stored, bigEndian: true);

    /// <summary>Registers the types with Dapper, for the whole process.</summary>
    public static void Register()
    {
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        SqlMapper.AddTypeHandler(new UuidHandler());
        SqlMapper.RemoveTypeMap(typeof(Guid));
        SqlMapper.RemoveTypeMap(typeof(DateTimeOffset));
        SqlMapper.AddTypeHandler(new TimeHandler());
        SqlMapper.AddTypeHandler(new TextHandler());
        SqlMapper.AddTypeHandler(new IdHandler<UserId>());
        SqlMapper.AddTypeHandler(new IdHandler<ConversationId>());
        SqlMapper.AddTypeHandler(new IdHandler<MessageId>());
    }

    private sealed class UuidHandler : SqlMapper.TypeHandler<Guid>
    {
        public override Guid Parse(object value) => ToUuid(value);

        public override void SetValue(IDbDataParameter parameter, Guid value) => parameter.Value = value.ToBytes();
    }

    private sealed class IdHandler<TId> : SqlMapper.TypeHandler<TId>
        where TId : struct, IPrefixedId<TId>
    {
        public override TId Parse(object value) => TId.From(ToUuid(value));

        public override void SetValue(IDbDataParameter parameter, TId value) => parameter.Value = value.Value.ToBytes();
    }

    private sealed class TextHandler : SqlMapper.TypeHandler<string>
    {
        public override string Parse(object value) => value is byte[] text
            ? Encoding.UTF8.GetString(text)
            : Convert.ToString(value, CultureInfo.InvariantCulture)!;

        public override void SetValue(IDbDataParameter parameter, string? value) => parameter.Value = value;
    }

    private sealed class TimeHandler : SqlMapper.TypeHandler<DateTimeOffset>
    {
        public override DateTimeOffset Parse(object value) => DateTimeOffset.FromUnixTimeMilliseconds((long)value);

        public override void SetValue(IDbDataParameter parameter, DateTimeOffset value) =>
            parameter.Value = value.ToUnixTimeMilliseconds();
    }
}

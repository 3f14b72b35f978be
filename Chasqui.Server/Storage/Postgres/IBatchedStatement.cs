using System.Data.Common;
using Npgsql;

namespace Chasqui.Server.Storage.Postgres;

/// <summary>A statement that still grows, and is carried out when something else is asked for, or at the commit.</summary>
internal interface IBatchedStatement
{
    /// <summary>The statement as it is by then; it answers with rows.</summary>
    NpgsqlBatchCommand ToCommand();

    /// <summary>Reads what it answers, before the commit is reported.</summary>
    void Read(DbDataReader rows);
}
